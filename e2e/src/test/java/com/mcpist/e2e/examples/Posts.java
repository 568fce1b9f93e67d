package com.mcpist.e2e.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** What a file of examples/clients does for whoever posts with it, whatever the library. */
final class Posts {
  private static final Duration TICK = Duration.ofSeconds(1);

  /** Above the two minutes that a sending may last. */
  private static final Duration LONG = Duration.ofMinutes(4);

  private static final int MOST_REFUSED = 100;

  /** A program of e2e/clients for the address of an MCP endpoint. */
  interface Program {
    ProcessBuilder with(String url) throws Exception;
  }

  private Posts() {}

  static void check(Program program) throws Exception {
    try (FaultServer server = FaultServer.start();
        Poster poster = new Poster(program.with(server.url()))) {
      keepsTheKeyOfARefusedCall(server, poster);
      keepsTheNewestKeys(server, poster);
      endsACancelledPause(server, poster);
      endsACancelledSending(server, poster);
    }
    givesUpASendingButNoStream(program);
  }

  /** Checks a program whose library sends the same request object again when it has signed in. */
  static void checkSigningIn(Program program) throws Exception {
    try (FaultServer server = FaultServer.start();
        Poster poster = new Poster(program.with(server.url()))) {
      server.handle(Posts::answered);
      server.next(refused(401));
      assertThat(poster.post("one", call(1))).isEqualTo("200");
      assertThat(poster.post("one", call(1))).isEqualTo("200");
      List<String> keys = server.requests().stream().map(Posts::key).toList();
      assertThat(keys).hasSize(3).doesNotContain("");
      assertThat(keys.get(1)).as("the call again").isEqualTo(keys.getFirst());
      assertThat(keys.get(2)).as("a call after it").isNotEqualTo(keys.getFirst());
    }
  }

  /** Returns a call of a tool. */
  private static String call(int id) {
    return "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"act\"}}"
        .formatted(id);
  }

  private static Answer answered(HttpMessage request) {
    String id = request.text().replaceAll(".*\"id\":([0-9]+).*", "$1");
    return Behaviour.answer(
        200, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"content\":[]}}".formatted(id));
  }

  private static Answer refused(int status) {
    Map<String, String> challenge = Map.of("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    return new Answer(status, challenge, new byte[0]);
  }

  private static void keepsTheKeyOfARefusedCall(FaultServer server, Poster poster)
      throws Exception {
    server.handle(Posts::answered);
    // It has run, and its answer is lost; then the token has expired.
    server.next(
        Behaviour.closeInBody(Behaviour.answer(200, "{\"jsonrpc\":\"2.0\"}")), refused(401));
    List<String> keys = new ArrayList<>();
    assertThat(poster.post("one", call(1))).isNotEqualTo("200");
    assertThat(poster.post("two", call(1))).isEqualTo("200");
    assertThat(poster.post("one", call(2))).isEqualTo("200");
    server.next(refused(403));
    assertThat(poster.post("one", call(1))).isNotEqualTo("200");
    assertThat(poster.post("one", call(1))).isEqualTo("200");
    assertThat(poster.post("one", call(1))).isEqualTo("200");
    server.requests().forEach(request -> keys.add(key(request)));
    assertThat(keys).hasSize(7).doesNotContain("");
    assertThat(List.of(keys.get(0), keys.get(1), keys.get(4), keys.get(5)))
        .as("the call until it is answered")
        .containsOnly(keys.getFirst());
    assertThat(List.of(keys.get(0), keys.get(2), keys.get(3), keys.get(6)))
        .as("the call, that of another session, another one, and the call once it was answered")
        .doesNotHaveDuplicates();
  }

  private static void keepsTheNewestKeys(FaultServer server, Poster poster) throws Exception {
    server.handle(request -> refused(401));
    for (int id = 100; id <= 100 + MOST_REFUSED; id++) {
      poster.post("one", call(id));
    }
    server.handle(Posts::answered);
    List<HttpMessage> before = server.requests();
    String oldest = key(before.get(before.size() - MOST_REFUSED - 1));
    String second = key(before.get(before.size() - MOST_REFUSED));
    poster.post("one", call(100));
    poster.post("one", call(101));
    List<HttpMessage> after = server.requests();
    assertThat(key(after.get(before.size()))).isNotEqualTo(oldest);
    assertThat(key(after.get(before.size() + 1))).isEqualTo(second);
  }

  private static void endsACancelledPause(FaultServer server, Poster poster) throws Exception {
    server.handle(request -> new Answer(503, Map.of("Retry-After", "200"), new byte[0]));
    poster.begin("one", call(3));
    awaitSendings(server, call(3), 1);
    poster.cancel();

    server.handle(request -> Behaviour.status(503));
    poster.begin("one", call(4));
    awaitSendings(server, call(4), 3);
    poster.cancel();
    // A sending may be under way. If the cancelled work goes on, more arrive during the next call.
    int sent = sendings(server, call(4)) + 1;
    server.handle(
        request ->
            request.text().equals(call(5)) && sendings(server, call(5)) > 8
                ? answered(request)
                : Behaviour.status(503));
    assertThat(poster.post("one", call(5))).isEqualTo("200");
    assertThat(sendings(server, call(4))).isLessThanOrEqualTo(sent);
  }

  private static void endsACancelledSending(FaultServer server, Poster poster) throws Exception {
    List<Function<HttpMessage, Behaviour>> ways =
        List.of(_ -> Behaviour.silent(), request -> Behaviour.silentInBody(answered(request)));
    for (int i = 0; i < ways.size(); i++) {
      server.handle(ways.get(i));
      String call = call(6 + i);
      poster.begin("one", call);
      awaitSendings(server, call, 1);
      int open = server.openConnections();
      poster.cancel();
      Conditions.await("its connection is closed", () -> server.openConnections() < open);
    }
  }

  private static void givesUpASendingButNoStream(Program program) throws Exception {
    String listen = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscriptions/listen\"}";
    AtomicInteger ticks = new AtomicInteger();
    try (FaultServer server = FaultServer.start();
        Poster listening = new Poster(program.with(server.url()));
        Poster calling = new Poster(program.with(server.url()))) {
      server.handle(
          request ->
              request.text().contains("listen")
                  ? new Behaviour.Ticks(() -> ": tick " + ticks.incrementAndGet() + "\n\n", TICK)
                  : sendings(server, request.text()) == 1
                      ? new Behaviour.Ticks(() -> ": still there\n\n", TICK)
                      : answered(request));
      listening.begin("one", listen);
      Conditions.await("the stream", () -> ticks.get() > 0);
      calling.begin("one", call(8));
      Conditions.await("it is sent again", LONG, () -> sendings(server, call(8)) == 2);
      assertThat(calling.ended()).isEqualTo("200");
      int before = ticks.get();
      Conditions.await("the stream goes on", () -> ticks.get() > before + 2);
      listening.cancel();
      assertThat(server.requests().stream().filter(request -> request.text().contains("listen")))
          .as("the stream is the first")
          .hasSize(1);
      assertThat(
              server.requests().stream()
                  .filter(request -> request.text().equals(call(8)))
                  .map(Posts::key)
                  .distinct())
          .hasSize(1);
    }
  }

  private static void awaitSendings(FaultServer server, String call, int least) {
    Conditions.await(least + " sendings", () -> sendings(server, call) >= least);
  }

  private static int sendings(FaultServer server, String call) {
    return (int) server.requests().stream().filter(r -> r.text().equals(call)).count();
  }

  private static String key(HttpMessage sending) {
    return sending.header("Idempotency-Key").orElse("");
  }
}
