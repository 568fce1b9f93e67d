package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.McpConnection.Reply;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.Transcript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One call, and what becomes of it and of the world when its origin fails in the middle. */
class CallFaultsIT {

  private static final int STEPS = 10;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static CallRig calls;
  private static Outside outside;
  private static Rig rig;

  private final String name = UUID.randomUUID().toString();

  @BeforeAll
  static void start() throws Exception {
    calls = CallRig.start();
    outside = calls.outside();
    rig = calls.rig();
  }

  @AfterAll
  static void stop() throws Exception {
    if (calls != null) {
      calls.close();
    }
  }

  @BeforeEach
  void settle() {
    calls.settle();
  }

  @Test
  void aFirstAttemptThatWakesUpAfterItWasFencedOffChangesNothing() throws Exception {
    outside.answers(step -> step.attempt() > 1);
    Future<Reply> call = calls.call(FaultTools.WRITE, name, 1, "");
    outside.await(name, 1, 1);

    rig.hang(PRIMARY);
    assertThat(attempt(call.get())).isEqualTo(2);
    outside.answers(step -> true);
    rig.wake(PRIMARY);
    rig.awaitSettled();
    // It stops only after its calls have ended, those included that nobody waits for.
    rig.stop(PRIMARY);
    rig.start(PRIMARY);

    assertThat(calls.written(name)).containsExactly(2);
  }

  @Test
  void whatWasDoneOutsideIsNotDoneAgainWhenItsOriginDies() throws Exception {
    outside.answers(step -> false);
    String key = "Idempotency-Key: " + name;
    Future<Reply> call = calls.call(FaultTools.ACT, name, 1, key);
    outside.await(name, 1, 1);

    rig.kill(PRIMARY);
    Reply reply = call.get();
    outside.answers(step -> true);
    Reply asked = calls.call(FaultTools.ACT, name, 1, key).get();
    rig.start(PRIMARY);

    for (Reply each : List.of(reply, asked)) {
      assertThat(each.result().path("isError").asBoolean()).as(each.http().toString()).isTrue();
      assertThat(each.result().findPath("text").asString())
          .contains("The outcome of this call is unknown", "Nothing was run again");
    }
    assertThat(outside.steps(name)).hasSize(1);
  }

  @Test
  void whatMayBeDoneAgainOutsideIsDoneAgainUnderTheSameKey() throws Exception {
    outside.answers(step -> step.attempt() > 1);
    Future<Reply> call = calls.call(FaultTools.ACT_AGAIN, name, 1, "");
    outside.await(name, 1, 1);

    rig.kill(PRIMARY);
    assertThat(attempt(call.get())).isEqualTo(2);
    rig.start(PRIMARY);

    assertThat(outside.steps(name)).extracting(Outside.Step::attempt).containsExactly(1, 2);
    assertThat(outside.steps(name).stream().map(Outside.Step::id).distinct()).hasSize(1);
  }

  @Test
  void longCallsGoOnWhenTheirOriginDiesHalfWay() throws Exception {
    int half = STEPS / 2;
    outside.answers(step -> step.attempt() > 1 || step.number() <= half);
    List<Future<Reply>> replies = new ArrayList<>();
    for (String tool : List.of(FaultTools.READ, FaultTools.WRITE, FaultTools.ACT_AGAIN)) {
      replies.add(calls.callWithProgress(tool, tool + name, STEPS, LIMIT));
      outside.await(tool + name, 1, half + 1);
    }

    rig.kill(PRIMARY);
    for (Future<Reply> reply : replies) {
      assertGoneOn(reply.get());
    }
    rig.start(PRIMARY);

    assertThat(calls.written(FaultTools.WRITE + name)).containsExactly(2);
  }

  private static void assertGoneOn(Reply reply) {
    assertThat(attempt(reply)).isEqualTo(2);
    assertThat(reply.servedBy()).isEqualTo(PRIMARY);
    Transcript stream = Transcript.of(reply.http());
    assertThat(stream.progress())
        .as(reply.http().toString())
        .isEqualTo(IntStream.rangeClosed(1, STEPS).mapToObj(i -> (double) i).toList());
    assertThat(stream.responses()).hasSize(1);
    assertThat(stream.comments()).contains("attempt 2, " + STANDBY);
  }

  private static int attempt(Reply reply) {
    return reply.structured().path("attempt").asInt();
  }
}
