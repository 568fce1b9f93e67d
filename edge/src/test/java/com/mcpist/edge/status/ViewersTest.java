package com.mcpist.edge.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.fixture.Watcher;
import com.mcpist.edge.status.StatusPage.Access;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ViewersTest {
  private static final Pattern NUMBER = Pattern.compile("render ([0-9]+)\\.");

  private final TestEdge edge = TestEdge.showing(new Access(null, true, false));
  private final AtomicInteger renders = new AtomicInteger();

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  private Watcher watch(String query) throws IOException {
    return Watcher.open(edge.server.port(), query);
  }

  private void renderEachTimeAnew(String more) {
    edge.first.handle(
        _ -> Behaviour.answer(200, "render " + renders.incrementAndGet() + ".\n" + more));
  }

  private static int number(String event) {
    Matcher matcher = NUMBER.matcher(event);
    int last = 0;
    while (matcher.find()) {
      last = Integer.parseInt(matcher.group(1));
    }
    return last;
  }

  @Test
  void thePageComesAtOnceAndAgainWhenItChanges() throws IOException {
    renderEachTimeAnew("two\nlines");
    try (Watcher watcher = watch("?lang=ja")) {
      String first = watcher.await("data: lines\n\n");
      assertThat(first)
          .contains("HTTP/1.1 200 OK", "content-type: text/event-stream", "cache-control: no-store")
          .contains("event: main\ndata: render 1.\ndata: two\ndata: lines\n\n");
      edge.statusPage.changed();
      watcher.await("render " + (number(first) + 1) + ".");
      watcher.await("event: alive\ndata:\n\n");
    }
    assertThat(edge.first.requests())
        .allSatisfy(
            each -> assertThat(each.text()).contains("\"part\":\"main\"", "\"language\":\"ja\""));
    Conditions.await("it has left", () -> edge.statusPage.viewers() == 0);
  }

  @Test
  void allWhoSeeTheSameAreShownTheSameRendering() throws IOException {
    renderEachTimeAnew("");
    try (Watcher one = watch("")) {
      one.await("render 1.");
      try (Watcher two = watch("")) {
        one.await("render " + number(two.await(".\n")) + ".");
        String next = "render " + (renders.get() + 1) + ".";
        edge.statusPage.changed();
        two.await(next);
        one.await(next);
      }
    }
  }

  @Test
  void oneThatDoesNotReadIsCutOff() throws IOException {
    renderEachTimeAnew("x".repeat(500_000));
    try (Watcher slow = watch("")) {
      slow.await("render 1.");
      Conditions.await(
          "it is cut off",
          () -> {
            edge.statusPage.changed();
            return edge.statusPage.viewers() == 0;
          });
    }
  }

  @Test
  void thereIsRoomForSoManyAndThenForTheNextWhenOneLeaves() throws IOException {
    renderEachTimeAnew("");
    List<Watcher> all = new ArrayList<>();
    for (int i = 0; i < Viewers.MOST; i++) {
      all.add(watch(""));
    }
    Conditions.await("all are there", () -> edge.statusPage.viewers() == Viewers.MOST);
    HttpMessage refused = edge.get("/status/events");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(edge.calls.status().calls().failed()).isZero();
    all.removeLast().close();
    Conditions.await("one has left", () -> edge.statusPage.viewers() == Viewers.MOST - 1);
    try (Watcher next = watch("")) {
      next.await("event: main");
    }
    for (Watcher each : all) {
      each.close();
    }
  }

  @Test
  void anEdgeThatStopsSendsThemAway() throws IOException {
    try (RawHttp watcher =
        RawHttp.connect(edge.server.port())
            .send("GET /status/events HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
      Conditions.await("it is there", () -> edge.statusPage.viewers() == 1);
      edge.statusPage.close();
      assertThat(watcher.read().text()).contains("retry: 1000");
    }
    assertThat(edge.get("/status/events").text()).isEqualTo("retry: 1000\n\n");
  }
}
