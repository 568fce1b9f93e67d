package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Claim;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that an attempt acts outside only while it has the claim. An attempt that stands still
 * between its claim and its act is one that waits here until the test wakes it.
 */
final class ClaimTest {
  private static LedgerDatabase database;
  private static LedgerOrigin origin;

  private final AtomicInteger acts = new AtomicInteger();
  private final CountDownLatch claimed = new CountDownLatch(1);
  private final CountDownLatch woken = new CountDownLatch(1);

  @BeforeAll
  static void start() throws SQLException {
    database = LedgerDatabase.create();
    // No background renewal comes between: the tests end the leases themselves.
    Ledger.Config config = new LedgerConfig().lease(Duration.ofHours(1)).build();
    origin = LedgerOrigin.on(database.url(), config);
  }

  @AfterAll
  static void stop() throws SQLException {
    origin.close();
    database.close();
  }

  /** Acts as soon as the claim is renewed. */
  private Tool acts(Effect effect) {
    return tool(effect, this::act);
  }

  private ToolResult act(ToolCall call) throws Exception {
    call.claim().renew();
    assertThat(call.claim().holds()).isTrue();
    return ToolResult.text("act " + acts.incrementAndGet());
  }

  /** Stands still between the claim and the act. */
  private Tool standsStill(Effect effect) {
    return tool(
        effect,
        call -> {
          claimed.countDown();
          woken.await();
          return act(call);
        });
  }

  private static void endLease(TestInvocation call) {
    database
        .jdbi()
        .useHandle(
            h ->
                h.execute(
                    "update tool_call set lease_until = clock_timestamp() where call_id = ?",
                    call.key().id()));
  }

  @Test
  void anAttemptThatGoesOnAfterItsClientWasToldUnknownDoesNotAct() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> first = origin.start(standsStill(Effect.ACTS_OUTSIDE), call);
    claimed.await();
    endLease(call);

    ToolResult told = origin.run(acts(Effect.ACTS_OUTSIDE), call.attempt(2));
    woken.countDown();

    assertThat(told).isEqualTo(ToolResult.error(Outside.UNKNOWN));
    assertThatThrownBy(first::get).hasCauseInstanceOf(AttemptFailedException.class);
    assertThat(acts).hasValue(0);
    assertThat(origin.run(acts(Effect.ACTS_OUTSIDE), call.attempt(3))).isEqualTo(told);
    assertThat(acts).hasValue(0);
  }

  @Test
  void anAttemptThatGoesOnAfterItsIdempotentCallWasTakenOverDoesNotAct() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> first =
        origin.start(standsStill(Effect.ACTS_OUTSIDE_IDEMPOTENTLY), call);
    claimed.await();
    endLease(call);

    ToolResult second = origin.run(acts(Effect.ACTS_OUTSIDE_IDEMPOTENTLY), call.attempt(2));
    woken.countDown();

    assertThat(second).isEqualTo(ToolResult.text("act 1"));
    assertThatThrownBy(first::get).hasCauseInstanceOf(AttemptFailedException.class);
    assertThat(acts).hasValue(1);
  }

  /** It could act until then: after a newer call of the client, whose effect it would undo. */
  @Test
  void anIdempotentCallIsNotTakenOverWhileItsLeaseRuns() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> first =
        origin.start(standsStill(Effect.ACTS_OUTSIDE_IDEMPOTENTLY), call);
    claimed.await();

    CompletableFuture<ToolResult> second =
        origin.start(acts(Effect.ACTS_OUTSIDE_IDEMPOTENTLY), call.attempt(2));
    double before = origin.outcomes("busy");
    Conditions.await("it waits", () -> origin.outcomes("busy") > before + 1);
    assertThat(second).isNotDone();
    woken.countDown();

    assertThat(first.get()).isEqualTo(ToolResult.text("act 1"));
    assertThat(second.get()).isEqualTo(first.get());
  }

  /**
   * Nothing was done, and nothing can be: the first attempt must renew its claim before it acts.
   */
  @Test
  void aCallThatWasOnlyPreparedIsRunByAnotherAttempt() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> first =
        origin.start(standsStill(Effect.ACTS_OUTSIDE).renewingClaim(), call);
    claimed.await();
    endLease(call);

    ToolResult second = origin.run(acts(Effect.ACTS_OUTSIDE).renewingClaim(), call.attempt(2));
    woken.countDown();

    assertThat(second).isEqualTo(ToolResult.text("act 1"));
    assertThatThrownBy(first::get).hasCauseInstanceOf(AttemptFailedException.class);
    assertThat(acts).hasValue(1);
    assertThat(origin.run(acts(Effect.ACTS_OUTSIDE), call.attempt(3))).isEqualTo(second);
  }

  /** The tool may have another effect for the attempt that takes the claim over. */
  @ParameterizedTest
  @EnumSource(names = {"ACTS_OUTSIDE_IDEMPOTENTLY", "READS"})
  void aCallThatWasOnlyPreparedIsRunAlsoIfItsEffectHasChanged(Effect since) throws Exception {
    TestInvocation call = TestInvocation.first();
    try (LedgerOrigin dies = LedgerOrigin.on(database.url())) {
      var _ = dies.start(standsStill(Effect.ACTS_OUTSIDE).renewingClaim(), call);
      claimed.await();
      dies.crash();

      ToolResult second = origin.run(tool(since, _ -> ToolResult.text("now")), call.attempt(2));

      assertThat(second).isEqualTo(ToolResult.text("now"));
    }
    assertThat(acts).hasValue(0);
  }

  @Test
  void aCallThatMayHaveActedIsNotRunByAnotherAttempt() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool actsAndStandsStill =
        tool(
                Effect.ACTS_OUTSIDE,
                c -> {
                  ToolResult result = act(c);
                  claimed.countDown();
                  woken.await();
                  return result;
                })
            .renewingClaim();
    CompletableFuture<ToolResult> first = origin.start(actsAndStandsStill, call);
    claimed.await();
    endLease(call);

    ToolResult told = origin.run(actsAndStandsStill, call.attempt(2));
    woken.countDown();

    assertThat(told).isEqualTo(ToolResult.error(Outside.UNKNOWN));
    assertThat(first.get()).isEqualTo(ToolResult.text("act 1"));
    assertThat(acts).hasValue(1);
  }

  /** The client would use another key, say, and the call would be done twice. */
  @Test
  void nothingIsSaidToBeUndoneUnderAClaimThatHasBeenTakenOver() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool hasNoPlace =
        tool(
                Effect.ACTS_OUTSIDE,
                _ -> {
                  claimed.countDown();
                  woken.await();
                  throw ToolException.again("nothing was run");
                })
            .renewingClaim();
    CompletableFuture<ToolResult> first = origin.start(hasNoPlace, call);
    claimed.await();
    endLease(call);
    ToolResult second = origin.run(acts(Effect.ACTS_OUTSIDE).renewingClaim(), call.attempt(2));
    woken.countDown();

    assertThat(second).isEqualTo(ToolResult.text("act 1"));
    assertThatThrownBy(first::get).hasCauseInstanceOf(AttemptFailedException.class);
  }

  /** A thread that the tool has left behind may renew the claim, and act, at any time. */
  @Test
  void aClaimDoesNotHoldWhenItsToolHasReturned() throws Exception {
    TestInvocation call = TestInvocation.first();
    AtomicReference<Claim> left = new AtomicReference<>(Claim.NOT_NEEDED);
    Tool leaves =
        tool(
                Effect.ACTS_OUTSIDE,
                c -> {
                  left.set(c.claim());
                  throw new IOException("it has not answered in time");
                })
            .renewingClaim();
    assertThatThrownBy(() -> origin.run(leaves, call)).isInstanceOf(AttemptFailedException.class);

    assertThatThrownBy(() -> left.get().renew()).isInstanceOf(AttemptFailedException.class);
    assertThat(left.get().holds()).isFalse();
  }

  /** A mistake of the tool would be made again elsewhere: the client is told of it. */
  @Test
  void aMistakeBeforeTheActIsTheClientsToKnow() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool mistaken =
        tool(
                Effect.ACTS_OUTSIDE,
                _ -> {
                  throw new IllegalStateException("a mistake");
                })
            .renewingClaim();

    assertThatThrownBy(() -> origin.run(mistaken, call)).isInstanceOf(IllegalStateException.class);
    assertThat(database.recorded(call)).isZero();
  }

  /** The origin stops, say, while the tool prepares the call. */
  @Test
  void aFailureBeforeTheActLeavesTheCallToAnotherAttempt() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool fails =
        tool(
                Effect.ACTS_OUTSIDE,
                _ -> {
                  throw new IOException("this origin stops");
                })
            .renewingClaim();

    assertThatThrownBy(() -> origin.run(fails, call)).isInstanceOf(AttemptFailedException.class);

    assertThat(database.recorded(call)).isZero();
    assertThat(origin.run(acts(Effect.ACTS_OUTSIDE).renewingClaim(), call.attempt(2)))
        .isEqualTo(ToolResult.text("act 1"));
  }

  /** Another origin would find a lease that has run out, and answer that the outcome is unknown. */
  @Test
  void aClaimUnderWhichNothingWasDoneIsDeleted() throws Exception {
    TestInvocation call = TestInvocation.first().deadline(Instant.now().plusSeconds(1));
    CompletableFuture<ToolResult> first = origin.start(standsStill(Effect.ACTS_OUTSIDE), call);
    claimed.await();
    Conditions.await("the deadline has passed", () -> call.timeLeft().orElseThrow().isNegative());
    woken.countDown();
    assertThatThrownBy(first::get).hasCauseInstanceOf(AttemptFailedException.class);

    assertThat(database.recorded(call)).isZero();
    assertThat(origin.run(acts(Effect.ACTS_OUTSIDE), TestInvocation.of(call.key()).attempt(2)))
        .isEqualTo(ToolResult.text("act 1"));
  }

  @Test
  void anAttemptWhoseLeaseRanOutActsIfNobodyHasLookedMeanwhile() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> first = origin.start(standsStill(Effect.ACTS_OUTSIDE), call);
    claimed.await();
    endLease(call);

    woken.countDown();

    assertThat(first.get()).isEqualTo(ToolResult.text("act 1"));
    assertThat(origin.run(acts(Effect.ACTS_OUTSIDE), call.attempt(2))).isEqualTo(first.get());
  }

  /** The tool's own error says that nothing was run, which another origin may be able to run. */
  @Test
  void aToolThatReportsTheEndOfItsClaimAsItsOwnErrorFailsTheAttempt() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool reports =
        tool(
            Effect.ACTS_OUTSIDE,
            c -> {
              claimed.countDown();
              woken.await();
              try {
                return act(c);
              } catch (AttemptFailedException e) {
                throw ToolException.again("nothing was run");
              }
            });
    CompletableFuture<ToolResult> first = origin.start(reports, call);
    claimed.await();
    endLease(call);
    origin.run(acts(Effect.ACTS_OUTSIDE), call.attempt(2));

    woken.countDown();

    assertThatThrownBy(first::get).hasCauseInstanceOf(AttemptFailedException.class);
  }

  @Test
  void anAttemptDoesNotActAfterItsDeadline() throws Exception {
    TestInvocation call = TestInvocation.first().deadline(Instant.now().plusSeconds(1));
    CompletableFuture<ToolResult> first = origin.start(standsStill(Effect.ACTS_OUTSIDE), call);
    claimed.await();
    Conditions.await("the deadline has passed", () -> call.timeLeft().orElseThrow().isNegative());

    woken.countDown();

    assertThatThrownBy(first::get).hasCauseInstanceOf(AttemptFailedException.class);
    assertThat(acts).hasValue(0);
  }

  @Test
  void aClaimHoldsFromItsRenewalToTheDeadline() throws Exception {
    TestInvocation call = TestInvocation.first().deadline(Instant.now().plusSeconds(1));
    Tool looks =
        tool(
            Effect.ACTS_OUTSIDE,
            c -> {
              Claim claim = c.claim();
              assertThat(claim.holds()).as("before the renewal").isFalse();
              claim.renew();
              Conditions.await("the claim does not hold any more", () -> !claim.holds());
              return ToolResult.text("seen");
            });

    assertThat(origin.run(looks, call)).isEqualTo(ToolResult.text("seen"));
  }

  /** Its first attempt did what must not be done twice, whatever the tool is taken for since. */
  @ParameterizedTest
  @EnumSource(names = {"ACTS_OUTSIDE_IDEMPOTENTLY", "READS"})
  void aToolWhoseEffectHasChangedIsNotRunAgain(Effect since) throws Exception {
    TestInvocation call = TestInvocation.first();
    try (LedgerOrigin dies = LedgerOrigin.on(database.url())) {
      var _ = dies.start(standsStill(Effect.ACTS_OUTSIDE), call);
      claimed.await();
      dies.crash();

      ToolResult second = origin.run(acts(since), call.attempt(2));

      assertThat(second).isEqualTo(ToolResult.error(Outside.UNKNOWN));
    }
    assertThat(acts).hasValue(0);
  }

  @Test
  void aToolThatOnlyReadsByNowReturnsTheStoredResultToALaterAttempt() throws Exception {
    TestInvocation call = TestInvocation.first();
    ToolResult first = origin.run(acts(Effect.ACTS_OUTSIDE), call);

    Tool reads = tool(Effect.READS, c -> ToolResult.text("read"));

    assertThat(origin.run(reads, call.attempt(2))).isEqualTo(first);
    assertThat(origin.run(reads, call.likewise().attempt(2))).isEqualTo(ToolResult.text("read"));
  }

  @Test
  void aLeaseBeginsAfterTheWaitForTheCallsLock() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> first;
    try (Handle handle = database.jdbi().open()) {
      handle.begin();
      handle
          .select(
              "select pg_advisory_xact_lock(ledger_lock(?, false, ?, 0))",
              call.key().user(),
              call.key().id())
          .mapToMap()
          .one();
      first = origin.start(standsStill(Effect.ACTS_OUTSIDE), call);
      Conditions.await(
          "the claim waits",
          () -> database.number("select count(*) from pg_locks where not granted") > 0);
      handle.execute("create temporary table waited as select clock_timestamp() as until");
      handle.commit();
      claimed.await();

      long early =
          handle
              .select(
                  "select count(*) from tool_call, waited"
                      + " where call_id = ? and lease_until < until + interval '1 hour'",
                  call.key().id())
              .mapTo(Long.class)
              .one();

      assertThat(early).isZero();
    }
    woken.countDown();
    first.get();
  }

  /** The clock of the edge that has made the id is ahead of the database's. */
  @Test
  void aCallIsKeptForAsLongAsItsIdMayBeUsedAsAKey() throws Exception {
    TestInvocation call = TestInvocation.first(Duration.ofMinutes(-10));

    origin.run(acts(Effect.ACTS_OUTSIDE), call);

    assertThat(
            database.number(
                "select count(*) from tool_call where call_id = ?"
                    + " and expires_at > now() + interval '24 min'",
                call.key().id()))
        .isOne();
  }

  @Test
  void anIdOfTheFarFutureIsNotKeptForLongerThanADay() throws Exception {
    TestInvocation call = TestInvocation.first(Duration.ofDays(-1000));

    origin.run(acts(Effect.ACTS_OUTSIDE), call);

    assertThat(
            database.number(
                "select count(*) from tool_call where call_id = ?"
                    + " and expires_at <= now() + interval '1 day'",
                call.key().id()))
        .isOne();
  }
}
