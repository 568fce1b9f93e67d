package com.mcpist.edge;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.OriginProcess;
import com.mcpist.edge.fixture.RunningEdge;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Tests that a call under which two processes died is not sent to a third. */
class DeadlyCallTest {
  private final List<OriginProcess> processes = new CopyOnWriteArrayList<>();
  private final AtomicInteger attempts = new AtomicInteger();
  private final OriginProcess primary = add(OriginProcess.start("primary-1"));
  private final OriginProcess standby = add(OriginProcess.start("standby-1"));

  private OriginProcess add(OriginProcess process) {
    processes.add(process);
    return process;
  }

  @AfterEach
  void stop() throws IOException {
    for (OriginProcess process : processes) {
      process.close();
    }
  }

  /**
   * Ends a process. If it is started again, another process is there at once, which does the same.
   */
  private Behaviour die(OriginProcess process, Function<OriginProcess, Behaviour> next) {
    try {
      process.close();
      CompletableFuture<OriginProcess> successor = new CompletableFuture<>();
      successor.complete(
          add(
              OriginProcess.start(
                  "successor-" + processes.size(), process.port(), onCall(successor::join, next))));
      return Behaviour.resetBefore();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns what a process does with a call. The notice that a client has no answer is not a call.
   */
  private static Function<HttpMessage, Behaviour> onCall(
      Supplier<OriginProcess> process, Function<OriginProcess, Behaviour> behaviour) {
    return request ->
        request.header("X-Undelivered").isPresent()
            ? OriginProcess.RECORDED
            : behaviour.apply(process.get());
  }

  private Behaviour dieAgainAndAgain(OriginProcess process) {
    attempts.incrementAndGet();
    return die(process, this::dieAgainAndAgain);
  }

  private Behaviour dieForGood(OriginProcess process) {
    attempts.incrementAndGet();
    try {
      process.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Behaviour.resetBefore();
  }

  private static HttpMessage call(RunningEdge edge) throws IOException {
    return RawHttp.exchange(edge.port(), RawHttp.post("/mcp", "", CALL));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void twoProcessesDieAndNoThird(boolean startedAgain) throws Exception {
    for (OriginProcess each : List.of(primary, standby)) {
      each.mcp(onCall(() -> each, startedAgain ? this::dieAgainAndAgain : this::dieForGood));
    }
    try (RunningEdge edge = RunningEdge.before(primary, standby)) {
      HttpMessage response = call(edge);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.text()).contains("outcome_unknown");
      assertThat(attempts).hasValue(2);
      JsonNode quarantined = edge.status().path("quarantined");
      assertThat(quarantined.size()).isEqualTo(1);
      assertThat(response.text())
          .contains("\"callId\":" + quarantined.path(0).path("callId") + ",");
      assertThat(quarantined.path(0).path("tool").asString()).isEqualTo("save");
      assertThat(quarantined.path(0).path("user").asString()).isEqualTo("local");
      assertThat(quarantined.path(0).path("bytes").asInt()).isEqualTo(CALL.length());
    }
  }

  @Test
  void aConnectionThatIsResetTwiceIsNoDeath() throws Exception {
    Function<HttpMessage, Behaviour> once =
        _ -> attempts.incrementAndGet() < 3 ? Behaviour.resetBefore() : answer(200, ANSWER);
    primary.mcp(once);
    standby.mcp(once);
    assertSentOn();
  }

  @Test
  void aProcessThatDrainedHasNotDied() throws Exception {
    for (OriginProcess each : List.of(primary, standby)) {
      each.mcp(
          _ -> {
            attempts.incrementAndGet();
            each.drain();
            int told = each.ticks();
            Conditions.await("it says that it drains", () -> each.ticks() > told + 2);
            return die(each, _ -> answered());
          });
    }
    assertSentOn();
  }

  @Test
  void aProcessThatHungWhenTheEdgeGaveItUpHasNotDiedUnderTheCall() throws Exception {
    primary.mcp(
        _ -> {
          attempts.incrementAndGet();
          primary.fallSilent();
          return Behaviour.silent();
        });
    standby.mcp(
        _ -> {
          attempts.incrementAndGet();
          var _ = die(primary, _ -> answered());
          return die(standby, _ -> answered());
        });
    assertSentOn();
  }

  private Behaviour answered() {
    attempts.incrementAndGet();
    return answer(200, ANSWER);
  }

  private void assertSentOn() throws IOException {
    try (RunningEdge edge = RunningEdge.before(primary, standby)) {
      HttpMessage response = call(edge);
      assertThat(response.text()).isEqualTo(ANSWER);
      assertThat(attempts).hasValue(3);
      assertThat(edge.status().path("quarantined").isEmpty()).isTrue();
    }
  }
}
