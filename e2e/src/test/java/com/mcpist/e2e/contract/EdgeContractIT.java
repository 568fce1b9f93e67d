package com.mcpist.e2e.contract;

import static com.mcpist.e2e.contract.ContractRig.ANSWER;
import static com.mcpist.e2e.contract.ContractRig.CALL;
import static com.mcpist.e2e.contract.ContractRig.FIRST;
import static com.mcpist.e2e.contract.ContractRig.LIST;
import static com.mcpist.e2e.contract.ContractRig.SECOND;
import static com.mcpist.e2e.contract.ContractRig.WHOLE;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of a call when origins fail, the same with every edge. */
@ParameterizedClass(name = "{0}")
@EnumSource(EdgeKind.class)
class EdgeContractIT extends EachEdge {
  EdgeContractIT(EdgeKind kind) {
    super(kind);
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of("reset before the response", Behaviour.resetBefore()),
        Arguments.of("closed before the response", Behaviour.closeBefore()),
        Arguments.of("reset in the body", Behaviour.resetInBody(WHOLE)),
        Arguments.of("closed in the body", Behaviour.closeInBody(WHOLE)),
        Arguments.of("silent", Behaviour.silent()),
        Arguments.of("silent in the body", Behaviour.silentInBody(WHOLE)),
        Arguments.of("500", Behaviour.status(500)),
        Arguments.of("502", Behaviour.status(502)),
        Arguments.of("503", Behaviour.status(503)),
        Arguments.of("504", Behaviour.status(504)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void anAttemptThatFailsIsSentToTheNextOrigin(String name, Behaviour fault) throws IOException {
    ContractRig rig = name.startsWith("silent") ? hasty : EachEdge.rig;
    rig.first.always(fault);
    HttpMessage response = rig.call();
    assertAnsweredBySecond(response);
    HttpMessage one = rig.first.calls().getFirst();
    HttpMessage two = rig.second.calls().getFirst();
    assertThat(two.text()).isEqualTo(CALL).isEqualTo(one.text());
    assertThat(two.header("X-Call-Id")).isPresent().isEqualTo(one.header("X-Call-Id"));
    assertThat(one.header("X-Attempt")).contains("1");
    assertThat(two.header("X-Attempt")).contains("2");
  }

  @Test
  void anOriginThatIsGoneCostsAnAttemptAndNothingElse() throws IOException {
    rig.first.refuse();
    assertAnsweredBySecond(rig.call());
    rig.awaitStates("unhealthy", "healthy");
    HttpMessage next = rig.call();
    assertThat(next.header("X-Served-By")).contains(SECOND);
    assertThat(next.header("X-Attempts")).as("it is known").contains("1");
  }

  private static void assertAnsweredBySecond(HttpMessage response) {
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo(ANSWER);
    assertThat(response.header("X-Served-By")).contains(SECOND);
    assertThat(response.header("X-Attempts")).contains("2");
  }

  @Test
  void anOriginThatIsSlowButNotSilentIsWaitedFor() throws IOException {
    String slow = ANSWER + " ".repeat(2_000);
    // The first piece holds the whole head, because an edge notices a head only when it is
    // complete.
    rig.first.always(Behaviour.drip(Behaviour.answer(200, slow), 150, Duration.ofMillis(150)));
    HttpMessage response = rig.call();
    assertThat(response.text()).isEqualTo(slow);
    assertThat(response.header("X-Served-By")).contains(FIRST);
    assertThat(response.header("X-Attempts")).contains("1");
  }

  @Test
  void anOriginWithoutRoomIsNotBlamed() throws IOException {
    Behaviour full = new Behaviour.Answer(503, Map.of("X-Not-Run", "overloaded"), new byte[0]);
    rig.first.next(full);
    assertAnsweredBySecond(rig.call());
    assertThat(rig.first.calls().getFirst().header("X-Attempt")).contains("1");
    assertThat(rig.second.calls().getFirst().header("X-Attempt")).as("the first").contains("1");
    assertThat(rig.status().path("origins").path(0).path("state").asString()).isEqualTo("healthy");
    hasty.first.always(full);
    hasty.second.always(full);
    HttpMessage none = hasty.call();
    assertThat(none.status()).isEqualTo(200);
    assertThat(none.header("Retry-After")).contains("1");
    assertThat(none.text()).contains("\"effect\":\"none\"", "Nothing was done");
  }

  @Test
  void originsThatComeBackInTimeAreWaitedFor() throws IOException {
    rig.first.refuse();
    rig.second.always(Behaviour.resetBefore());
    try (RawHttp client = RawHttp.connect(rig.edge.port())) {
      client.send(RawHttp.post("/mcp", "", CALL));
      Conditions.await("each was tried", () -> rig.second.calls().size() >= 2);
      rig.second.always(WHOLE);
      assertThat(client.read().text()).isEqualTo(ANSWER);
    }
  }

  @Test
  void whereNoneComesBackACallThatOnlyReadsMayBeSentAgain() throws IOException {
    hasty.first.refuse();
    hasty.second.always(Behaviour.status(500));
    HttpMessage response = hasty.post("", LIST);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Retry-After")).contains("1");
    assertThat(response.text())
        .contains("\"id\":7,", "\"code\":-32000", "\"code\":\"origin_unavailable\"")
        .contains("Nothing was done", "\"effect\":\"none\"", "\"callId\":\"");
  }

  @Test
  void whereNoneComesBackACallThatMayHaveRunIsOfUnknownOutcome() throws IOException {
    ContractRig rig = hasty;
    rig.first.always(Behaviour.resetBefore());
    rig.second.always(Behaviour.closeInBody(WHOLE));
    HttpMessage response = rig.call();
    String callId = rig.first.calls().getFirst().header("X-Call-Id").orElseThrow();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Retry-After")).isEmpty();
    assertThat(response.text())
        .contains("outcome is unknown", "\"effect\":\"possible\"", "\"code\":\"outcome_unknown\"")
        .contains("\"idempotencyKey\":\"mcpist-" + callId + "\"");
    Conditions.await(
        "an origin is told",
        () ->
            Stream.of(rig.first, rig.second)
                .flatMap(origin -> origin.undelivered().stream())
                .anyMatch(notice -> notice.header("X-Call-Id").orElseThrow().equals(callId)));
    settle();
    String key = "mcpist-" + callId;
    rig.call("Idempotency-Key: " + key);
    HttpMessage again = rig.first.calls().getFirst();
    assertThat(again.header("X-Call-Id")).isPresent().isNotEqualTo(Optional.of(callId));
    assertThat(again.header("X-Attempt")).contains("1");
    assertThat(again.header("Idempotency-Key")).contains(key);
  }

  @Test
  void noCallFailsWhileBothOriginsFlap() throws IOException {
    List<Behaviour> turns =
        List.of(
            WHOLE, Behaviour.resetBefore(), WHOLE, Behaviour.status(502), Behaviour.closeBefore());
    for (int i = 0; i < 30; i++) {
      rig.first.next(turns.get(i % turns.size()));
      rig.second.next(turns.get((i + 3) % turns.size()));
      HttpMessage response = rig.call();
      assertThat(response.status()).as(response.toString()).isEqualTo(200);
      assertThat(response.text()).isEqualTo(ANSWER);
    }
  }
}
