package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.McpConnection.Reply;
import com.mcpist.testkit.TraceReceiver;
import com.mcpist.testkit.TraceReceiver.Told;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The trace of a call whose first origin fails in the middle, as a collector gets it. */
class TracesIT {
  private static final String PARENT = "b7ad6b7169203331";
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static TraceReceiver collector;
  private static CallRig calls;

  private final String name = UUID.randomUUID().toString();
  private final String trace = name.replace("-", "");

  @BeforeAll
  static void start() throws Exception {
    collector = new TraceReceiver();
    calls = CallRig.start(collector.variables());
  }

  @AfterAll
  static void stop() throws Exception {
    if (calls != null) {
      calls.close();
    }
    collector.close();
  }

  @BeforeEach
  void settle() throws Exception {
    calls.settle();
  }

  private Told await(String span, Told parent) {
    return await(told -> told.name().equals(span) && told.parent().equals(parent.id()));
  }

  private Told await(Predicate<Told> wanted) {
    return collector.await(told -> told.trace().equals(trace) && wanted.test(told));
  }

  /** Begins a call in the trace, and returns when an origin is at it. */
  private Future<Reply> begin() {
    calls.outside().answers(step -> false);
    String traceparent = "00-" + trace + "-" + PARENT + "-01";
    Future<Reply> call = calls.callInTrace(FaultTools.WRITE, name, traceparent, LIMIT);
    calls.outside().await(name, 1);
    return call;
  }

  /** Of the edge, whose parent is the client's. */
  private Told root() {
    return await(told -> told.parent().equals(PARENT));
  }

  /** Which failed, and is the first one, under the root. */
  private Told lost(Told root) {
    Told lost = await("attempt " + PRIMARY, root);
    assertThat(lost.failed()).isTrue();
    assertThat(lost.attributes()).containsEntry("mcpist.attempt", "1");
    return lost;
  }

  /** The attempt that has answered, and what its origin did: the tool, and the statements. */
  private void assertHasWorked(Told root, Reply reply) {
    String number = reply.structured().path("attempt").asString();
    Told done =
        await(
            told ->
                told.name().startsWith("attempt ")
                    && number.equals(told.attributes().get("mcpist.attempt")));
    assertThat(number).isNotEqualTo("1");
    assertThat(done.parent()).isEqualTo(root.id());
    assertThat(done.failed()).isFalse();

    Told served = await("tools/call " + FaultTools.WRITE, done);
    assertThat(served.process())
        .containsEntry("service.name", "mcpist-origin")
        .containsEntry(
            "deployment.environment.name", done.attributes().getOrDefault("mcpist.origin", ""));
    Told tool = await("execute_tool " + FaultTools.WRITE, served);
    await("insert fault_effect", tool);
    await("select ledger_enter", served);
    await("select ledger_finish", served);
  }

  @Test
  void aKilledOriginLeavesBothAttemptsUnderOneRoot() throws Exception {
    Future<Reply> call = begin();
    calls.rig().kill(PRIMARY);
    calls.outside().answers(step -> true);
    Reply reply = call.get();
    calls.rig().start(PRIMARY);

    Told root = root();
    assertThat(root.name()).isEqualTo("tools/call " + FaultTools.WRITE);
    assertThat(root.process()).containsEntry("service.name", "mcpist-edge");
    assertThat(root.failed()).isFalse();
    lost(root);
    assertHasWorked(root, reply);
  }

  @Test
  void aBrokenLinkLeavesWhatBothOriginsDid() throws Exception {
    Future<Reply> call = begin();
    calls.link().cut();
    calls.outside().answers(step -> step.attempt() > 1);
    Reply reply = call.get();
    calls.outside().answers(step -> true);
    calls.link().mend();

    Told root = root();
    Told fenced = await("tools/call " + FaultTools.WRITE, lost(root));
    assertThat(fenced.process()).containsEntry("deployment.environment.name", PRIMARY);
    await("insert fault_effect", await("execute_tool " + FaultTools.WRITE, fenced));
    assertHasWorked(root, reply);
  }
}
