package com.mcpist.e2e.contract;

import static com.mcpist.e2e.contract.ContractRig.ANSWER;
import static com.mcpist.e2e.contract.ContractRig.CALL;
import static com.mcpist.e2e.contract.ContractRig.WHOLE;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of an event stream, and of a call whose client goes, the same with every edge. */
@ParameterizedClass(name = "{0}")
@EnumSource(EdgeKind.class)
class EdgeStreamsIT extends EachEdge {
  private static final Duration PAUSE = Duration.ofMillis(20);

  EdgeStreamsIT(EdgeKind kind) {
    super(kind);
  }

  @ParameterizedTest
  @EnumSource(
      value = Ending.class,
      names = {"RESET", "CLOSE", "COMPLETE", "SILENCE"})
  void aStreamThatBreaksGoesOnWithTheNextOriginsEvents(Ending ending) throws IOException {
    ContractRig rig = ending == Ending.SILENCE ? hasty : EachEdge.rig;
    rig.first.always(events(ending, progress(1), progress(2)));
    rig.second.always(events(Ending.COMPLETE, progress(1), progress(2), progress(3), ANSWER));
    HttpMessage response = rig.call();
    assertThat(response.header("Content-Type").orElseThrow()).startsWith("text/event-stream");
    assertThat(response.header("X-Served-By")).contains(ContractRig.FIRST);
    assertThat(data(response)).containsExactly(progress(1), progress(2), progress(3), ANSWER);
    assertThat(response.text()).contains(": attempt 2, " + ContractRig.SECOND);
  }

  @Test
  void aStreamThatOnlyALaterAttemptBeginsIsPassedAsItIs() throws IOException {
    String other = "{\"jsonrpc\":\"2.0\",\"id\":\"another\",\"result\":{}}";
    rig.first.always(Behaviour.status(500));
    rig.second.always(events(Ending.COMPLETE, progress(2), progress(2), other, ANSWER));
    assertThat(data(rig.call())).containsExactly(progress(2), progress(2), other, ANSWER);
  }

  @Test
  void aJsonAnswerOfALaterAttemptBecomesAnEvent() throws IOException {
    rig.first.always(events(Ending.RESET, progress(1)));
    rig.second.always(
        Behaviour.answer(200, "{\n \"jsonrpc\": \"2.0\", \"id\": 7, \"result\": {}}"));
    List<String> data = data(rig.call());
    assertThat(data).hasSize(2);
    assertThat(data.getLast().replace(" ", ""))
        .isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}");
  }

  @Test
  void whereNoOriginGoesOnTheErrorBecomesAnEvent() throws IOException {
    hasty.first.always(events(Ending.RESET, progress(1)));
    hasty.second.always(Behaviour.status(500));
    HttpMessage response = hasty.call();
    assertThat(response.status()).isEqualTo(200);
    assertThat(data(response).getLast())
        .contains("\"id\":7,", "outcome is unknown", "\"idempotencyKey\":\"mcpist-");
  }

  @Test
  void anAnswerWithoutAResponseEndsTheStreamWithAnError() throws IOException {
    rig.first.always(events(Ending.RESET, progress(1)));
    rig.second.always(Behaviour.answer(200, "{}"));
    assertThat(data(rig.call()).getLast()).contains("\"id\":7,", "outcome is unknown");
    assertThat(rig.second.calls()).as("it is not sent again").hasSize(1);
  }

  static Stream<Arguments> aBegunStreamThatGetsNoResultSaysSo() {
    String modern = "MCP-Protocol-Version: 2026-07-28";
    String legacy = "MCP-Protocol-Version: 2025-11-25";
    String other = "{\"jsonrpc\":\"2.0\",\"id\":8,\"result\":{}}";
    return Stream.of(
        Arguments.of("it ends in order", legacy, List.of(progress(1))),
        Arguments.of("an event is too long", legacy, List.of("x".repeat(9 * 1024 * 1024))),
        Arguments.of("an event is no JSON", legacy, List.of("{\"id\":7,")),
        Arguments.of("it answers something else", legacy, List.of(other)),
        Arguments.of("its client cannot ask for the rest", modern, List.of("1\nid: 1")),
        Arguments.of("its last id is empty", legacy, List.of("1\nid: 1", "1\nid:")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void aBegunStreamThatGetsNoResultSaysSo(String how, String version, List<String> data)
      throws IOException {
    hasty.first.always(events(Ending.COMPLETE, data.toArray(String[]::new)));
    hasty.second.refuse();
    HttpMessage response = hasty.call("Idempotency-Key: mine\n" + version);
    assertThat(response.header("Content-Type").orElseThrow()).startsWith("text/event-stream");
    assertThat(data(response).getLast())
        .as(how)
        .startsWith("{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":")
        .contains("outcome_unknown");
  }

  @Test
  void aStreamWithIdsIsLeftToAClientThatAsksForTheRest() throws IOException {
    hasty.first.always(events(Ending.COMPLETE, "1\nid: 1"));
    assertThat(hasty.call("MCP-Protocol-Version: 2025-11-25").text())
        .isEqualTo("data: 1\nid: 1\n\n");
  }

  @Test
  void aJsonAnswerOfWhichOnlySpacesCameIsEndedWithAnError() throws IOException {
    int spaces = 9 * 1024 * 1024;
    Behaviour.Answer whole = Behaviour.answer(200, " ".repeat(spaces) + ANSWER);
    hasty.first.always(new Behaviour.CutInBody(whole, spaces, Ending.CLOSE));
    hasty.second.refuse();
    assertThat(hasty.call("Idempotency-Key: mine").text())
        .startsWith(" ")
        .contains(" {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":", "outcome_unknown")
        .endsWith("}");
  }

  @Test
  void aClientThatGoesCancelsItsCallInTheRevisionThatSaysSo() throws IOException {
    AtomicInteger ticks = new AtomicInteger();
    rig.first.always(ticking(ticks));
    leave("MCP-Protocol-Version: 2026-07-28", ticks);
    // No more than what was on its way: at the pace of the ticks, three more would come at once.
    Conditions.await("the origin's connection is closed", () -> stands(ticks));
    assertThat(rig.second.calls()).isEmpty();
    awaitUndelivered();
  }

  @Test
  void inEarlierRevisionsTheCallGoesOnWithoutItsClient() throws IOException {
    AtomicInteger ticks = new AtomicInteger();
    rig.first.always(ticking(ticks));
    leave("MCP-Protocol-Version: 2025-11-25", ticks);
    int left = ticks.get();
    awaitUndelivered();
    Conditions.await("the origin is still heard", () -> ticks.get() > left + 50);
    rig.first.refuse();
    rig.first.always(WHOLE);
    rig.first.listen();
    rig.awaitStates("healthy", "healthy");
    assertThat(rig.second.calls()).as("not sent again, since nobody waits").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoseClientGoesBeforeTheAnswerIsToldToTheOrigins(boolean orderly) throws IOException {
    Behaviour.Answer whole = Behaviour.answer(200, ANSWER + " ".repeat(600));
    // On a machine in use either may be the one that serves.
    bothAlways(Behaviour.drip(whole, 60, PAUSE));
    try (RawHttp client = RawHttp.connect(rig.edge.port())) {
      client.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("an origin is at work", () -> !calls().isEmpty());
      if (!orderly) {
        client.reset();
      }
    }
    awaitUndelivered();
    bothAlways(WHOLE);
    assertThat(rig.call().text()).isEqualTo(ANSWER);
    assertThat(told()).as("that one has its answer").hasSize(1);
  }

  private static void awaitUndelivered() {
    Conditions.await("an origin is told", () -> !told().isEmpty());
  }

  private static void bothAlways(Behaviour behaviour) {
    rig.first.always(behaviour);
    rig.second.always(behaviour);
  }

  private static List<HttpMessage> calls() {
    return Stream.of(rig.first, rig.second).flatMap(origin -> origin.calls().stream()).toList();
  }

  /** Of this test's calls: a notice of one before may come late, to origins that were reset. */
  private static List<HttpMessage> told() {
    Set<Optional<String>> ids =
        calls().stream().map(call -> call.header("X-Call-Id")).collect(Collectors.toSet());
    return Stream.of(rig.first, rig.second)
        .flatMap(origin -> origin.undelivered().stream())
        .filter(notice -> ids.contains(notice.header("X-Call-Id")))
        .toList();
  }

  private static void leave(String version, AtomicInteger ticks) throws IOException {
    try (RawHttp client = RawHttp.connect(rig.edge.port())) {
      client.send(RawHttp.post("/mcp", version, CALL));
      Conditions.await("the origin is at work", () -> ticks.get() > 10);
      client.reset();
    }
  }

  /** Whether no tick comes for as long as ten of them take. */
  private static boolean stands(AtomicInteger ticks) throws InterruptedException {
    int before = ticks.get();
    long until = System.nanoTime() + PAUSE.multipliedBy(25).toNanos();
    Conditions.await("a while has passed", () -> System.nanoTime() > until);
    return ticks.get() == before;
  }

  private static Behaviour ticking(AtomicInteger ticks) {
    return new Behaviour.Ticks(() -> ": " + ticks.incrementAndGet() + "\n\n", PAUSE);
  }

  private static Behaviour events(Ending ending, String... data) {
    List<String> events = List.of(data).stream().map(d -> "data: " + d + "\n\n").toList();
    return new Behaviour.Sse(events, PAUSE, ending);
  }

  private static String progress(int step) {
    return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":\"p\",\"progress\":%d}}"
        .formatted(step);
  }

  private static List<String> data(HttpMessage response) {
    return response
        .text()
        .lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> line.substring(6))
        .toList();
  }
}
