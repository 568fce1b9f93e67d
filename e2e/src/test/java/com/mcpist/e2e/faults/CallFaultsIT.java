package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.faults.Outside.Step;
import com.mcpist.e2e.harness.McpConnection.Reply;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.Transcript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One call, and what becomes of it and of the world when its origin fails in the middle. */
class CallFaultsIT {

  /** Each holds a connection to the database, of which one user may have six of an origin's ten. */
  private static final int CLIENTS = 6;

  private static final int STEPS = 10;
  private static final int HALF = STEPS / 2;

  /** Bytes: five steps take about 1,100, eight about 1,700. */
  private static final int HALF_A_STREAM_AND_A_BIT = 1_500;

  private static final Duration LIMIT = Duration.ofMinutes(4);

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
  void settle() throws Exception {
    calls.settle();
  }

  @Test
  void anAttemptThatWakesUpAfterItWasFencedOffChangesNothing() throws Exception {
    outside.answers(step -> false);
    Future<Reply> call = calls.call(FaultTools.WRITE, name, 1, "");
    Step first = outside.await(name, 1);

    rig.hang(first.origin());
    outside.answers(step -> step.attempt() > first.attempt());
    int done = attempt(call.get());
    outside.answers(step -> true);
    rig.wake(first.origin());
    rig.awaitSettled();
    // It stops only after its calls have ended, those included that nobody waits for.
    rig.stop(first.origin());
    rig.start(first.origin());

    assertThat(done).isGreaterThan(first.attempt());
    assertThat(calls.written(name)).containsExactly(done);
  }

  @Test
  void whatWasDoneOutsideIsNotDoneAgainWhenItsOriginDies() throws Exception {
    outside.answers(step -> false);
    String key = "Idempotency-Key: " + name;
    Future<Reply> call = calls.call(FaultTools.ACT, name, 1, key);
    Step acted = outside.await(name, 1);

    rig.kill(acted.origin());
    Reply reply = call.get();
    outside.answers(step -> true);
    Reply asked = calls.call(FaultTools.ACT, name, 1, key).get();
    rig.start(acted.origin());

    for (Reply each : List.of(reply, asked)) {
      assertThat(each.result().path("isError").asBoolean()).as(each.http().toString()).isTrue();
      assertThat(each.result().findPath("text").asString())
          .contains("The outcome of this call is unknown", "Nothing was run again");
    }
    assertThat(outside.steps(name)).containsExactly(acted);
  }

  @Test
  void whatMayBeDoneAgainOutsideIsDoneAgainUnderTheSameKey() throws Exception {
    outside.answers(step -> false);
    Future<Reply> call = calls.call(FaultTools.ACT_AGAIN, name, 1, "");
    Step first = outside.await(name, 1);

    rig.kill(first.origin());
    outside.answers(step -> true);
    assertThat(attempt(call.get())).isGreaterThan(first.attempt());
    rig.start(first.origin());

    assertThat(outside.steps(name)).hasSizeGreaterThan(1).allMatch(s -> s.id().equals(first.id()));
  }

  @Test
  void whatWasDoneOutsideBehindABrokenLinkIsAnsweredByTheOther() throws Exception {
    outside.answers(step -> false);
    Future<Reply> call = calls.call(FaultTools.ACT, name, 1, "");
    Step acted = outside.await(name, 1);

    calls.link().cut();
    outside.answers(step -> true);
    Reply reply = call.get();
    calls.link().mend();

    assertThat(attempt(reply)).as("told by another attempt").isEqualTo(acted.attempt());
    assertThat(outside.steps(name)).containsExactly(acted);
  }

  @Test
  void streamsThatBreakInTheMiddleGoOnWithTheOther() throws Exception {
    outside.answers(step -> step.number() <= HALF);
    calls.link().resetResponsesAfter(HALF_A_STREAM_AND_A_BIT);
    Map<String, Future<Reply>> replies = new HashMap<>();
    for (int client = 0; client < CLIENTS; client++) {
      String each = client + name;
      replies.put(each, calls.callWithProgress(FaultTools.WRITE, each, STEPS, LIMIT));
    }
    replies.keySet().forEach(each -> outside.await(each, HALF + 1));

    // Past the break, but not to the end: an attempt without a client would do its work too.
    outside.answers(step -> step.attempt() > 1 || step.number() <= STEPS - 2);
    replies.keySet().forEach(each -> outside.awaitAttempt(each, 2));
    calls.link().mend();
    List<String> comments = new ArrayList<>();
    for (Map.Entry<String, Future<Reply>> each : replies.entrySet()) {
      comments.addAll(oneStream(each.getValue().get()).comments());
      assertThat(calls.written(each.getKey())).hasSize(1);
    }

    assertThat(comments).as("where streams went on").contains("attempt 2, " + STANDBY);
  }

  @Test
  void longCallsGoOnWhenTheirOriginDiesHalfWay() throws Exception {
    outside.answers(step -> step.number() <= HALF);
    Map<String, Future<Reply>> replies = new HashMap<>();
    for (String tool : List.of(FaultTools.READ, FaultTools.WRITE, FaultTools.ACT_AGAIN)) {
      replies.put(tool + name, calls.callWithProgress(tool, tool + name, STEPS, LIMIT));
    }
    replies.keySet().forEach(each -> outside.await(each, HALF + 1));

    rig.kill(PRIMARY);
    outside.answers(step -> true);
    for (Future<Reply> reply : replies.values()) {
      Transcript stream = oneStream(reply.get());
      assertThat(stream.comments()).contains("attempt 2, " + STANDBY);
    }
    rig.start(PRIMARY);

    assertThat(calls.written(FaultTools.WRITE + name)).hasSize(1);
  }

  /**
   * Each step's progress was told once, and then the result. What an attempt tells after a busy
   * machine had the edge give it up is not told, but its result is.
   */
  private static Transcript oneStream(Reply reply) {
    int done = attempt(reply);
    Transcript stream = Transcript.of(reply.http());
    boolean heard =
        done == 1 || stream.comments().stream().anyMatch(c -> c.contains("attempt " + done + ","));
    int told = heard ? STEPS : stream.progress().size();
    assertThat(stream.progress())
        .as(reply.http().toString())
        .isEqualTo(IntStream.rangeClosed(1, told).mapToObj(i -> (double) i).toList());
    assertThat(stream.responses()).hasSize(1);
    return stream;
  }

  private static int attempt(Reply reply) {
    return reply.structured().path("attempt").asInt();
  }
}
