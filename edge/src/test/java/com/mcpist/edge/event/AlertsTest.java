package com.mcpist.edge.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.event.Alerts.Webhook;
import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.MutableClock;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AlertsTest {
  private final FaultServer hooks = FaultServer.start();
  private final Vertx vertx = Vertx.vertx();
  private final MutableClock clock = MutableClock.create();
  private final Alerts alerts =
      new Alerts(
          vertx,
          "notes",
          Stream.of("slack", "discord", "ntfy", "json")
              .map(type -> new Webhook(type, type, URI.create(hooks.url() + "/" + type)))
              .toList(),
          clock);

  @AfterEach
  void stop() throws IOException {
    TestEdge.await(vertx.close());
    hooks.close();
  }

  private List<HttpMessage> toldOf(boolean none, int messages) {
    Conditions.await(
        messages + " messages",
        () -> {
          alerts.look(none);
          return hooks.requests().size() >= messages;
        });
    return hooks.requests().subList(messages - 4, messages);
  }

  private static HttpMessage to(String type, List<HttpMessage> messages) {
    return messages.stream().filter(one -> one.target().equals("/" + type)).findFirst().get();
  }

  private static JsonNode json(HttpMessage message) {
    return JsonMapper.shared().readTree(message.body());
  }

  @Test
  void thatNoneAnswersIsToldOnceAfterHalfAMinuteAndItsEndOnce() {
    alerts.look(true);
    clock.advance(Duration.ofSeconds(29));
    alerts.look(true);
    // The outage is too short: neither it nor its end is told.
    alerts.look(false);
    alerts.look(true);
    clock.advance(Duration.ofSeconds(30));
    List<HttpMessage> down = toldOf(true, 4);
    clock.advance(Duration.ofSeconds(65));
    List<HttpMessage> up = toldOf(false, 8);

    String begun = "2026-11-25T00:00:29Z";
    String text = "notes: " + begun + " down: no origin answers";
    assertThat(json(to("slack", down)).path("text").asString()).isEqualTo(text);
    JsonNode discord = json(to("discord", down));
    assertThat(discord.path("content").asString()).isEqualTo(text);
    assertThat(discord.at("/allowed_mentions/parse").isArray()).isTrue();
    assertThat(discord.at("/allowed_mentions/parse")).isEmpty();
    assertThat(to("ntfy", down).text()).isEqualTo(begun + " down: no origin answers");
    assertThat(to("ntfy", down).header("Title")).contains("notes");
    assertThat(to("ntfy", down).header("Priority")).contains("high");
    JsonNode event = json(to("json", down)).get(0);
    assertThat(event.path("at").asString()).isEqualTo(begun);
    assertThat(event.path("ended").isNull()).isTrue();
    JsonNode over = json(to("json", up)).get(0);
    assertThat(over.path("id")).isEqualTo(event.path("id"));
    assertThat(over.path("ended").asString()).isEqualTo("2026-11-25T00:02:04Z");
    assertThat(json(to("slack", up)).path("text").asString())
        .isEqualTo("notes: 2026-11-25T00:02:04Z up: an origin answers again, after 95 s");
    assertThat(to("ntfy", up).header("Priority")).contains("default");
  }

  @Test
  void whatIsNotTakenIsToldAgainLater() {
    hooks.next(
        Behaviour.status(503),
        Behaviour.resetBefore(),
        new Behaviour.Answer(302, Map.of("Location", hooks.url() + "/other"), new byte[0]));
    alerts.look(true);
    clock.advance(Duration.ofSeconds(30));
    toldOf(true, 4);
    Conditions.await(
        "three are told again",
        () -> {
          clock.advance(Duration.ofSeconds(30));
          alerts.look(true);
          return hooks.requests().size() >= 7;
        });
    List<String> targets = hooks.requests().stream().map(HttpMessage::target).toList();
    assertThat(targets.subList(4, 7)).containsExactlyInAnyOrderElementsOf(targets.subList(0, 3));
  }

  /** A request without an end would keep its connection, of which there are five to an address. */
  @Test
  // The requests are given up after ten seconds.
  @Tag("long")
  void webhooksThatNeverAnswerAreEachToldAgain() {
    hooks.always(Behaviour.silent());
    alerts.look(true);
    Conditions.await(
        "each is told twice",
        () -> {
          clock.advance(Duration.ofSeconds(30));
          alerts.look(true);
          return hooks.requests().size() >= 8;
        });
  }
}
