package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.module.ToolRunner.TooOldException;
import com.mcpist.testkit.Conditions;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls without an answer, and those that are sent again without a key. */
final class UndeliveredTest {
  private LedgerDatabase database;
  private LedgerOrigin primary;
  private LedgerOrigin standby;
  private final AtomicInteger runs = new AtomicInteger();
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch woken = new CountDownLatch(1);

  private final Tool writes =
      tool(
              Effect.WRITES_DATABASE,
              c -> {
                LedgerDatabase.effect(c);
                return ToolResult.text("run " + runs.incrementAndGet());
              })
          .withStatementFirst();
  private final Tool hangs =
      tool(
          Effect.WRITES_DATABASE,
          c -> {
            LedgerDatabase.effect(c);
            reached.countDown();
            woken.await();
            return ToolResult.text("hung");
          });

  @BeforeEach
  void start() throws SQLException {
    database = LedgerDatabase.create();
    primary = LedgerOrigin.on(database.url());
    standby = LedgerOrigin.on(database.url());
  }

  @AfterEach
  void stop() throws SQLException {
    woken.countDown();
    primary.close();
    standby.close();
    database.close();
  }

  private long effects() {
    return database.number("select count(*) from effect");
  }

  @Test
  void theNextThatIsTheSameIsThatCallAndTheOneAfterIsNot() throws Exception {
    TestInvocation call = TestInvocation.first();
    ToolResult first = primary.run(writes, call);
    primary.undelivered(writes, call, call);

    TestInvocation again = call.likewise();
    assertThat(standby.run(writes, again)).isEqualTo(first);
    assertThat(standby.run(writes, again.attempt(2))).isEqualTo(first);
    primary.undelivered(writes, call);

    assertThat(primary.run(writes, call.likewise())).isEqualTo(ToolResult.text("run 2"));
    assertThat(effects()).isEqualTo(2);
  }

  /** A client that calls again and again, and never waits for its answer, has one row for it. */
  @Test
  void sendingsThatCanHaveNoAttemptAnyMoreAreForgotten() throws Exception {
    TestInvocation call = TestInvocation.first();
    primary.run(writes, call);
    primary.undelivered(writes, call);
    String old = TestInvocation.first(Duration.ofMinutes(40)).key().id() + "/0";
    database
        .jdbi()
        .useHandle(h -> h.execute("update undelivered set sendings = sendings || ?::text", old));
    assertThat(sendings()).contains(old);

    TestInvocation again = call.likewise();
    primary.run(writes, again);

    assertThat(sendings())
        .containsOnly(call.key().id() + "/0", again.key().id() + "/0")
        .startsWith(call.key().id() + "/0")
        .endsWith(again.key().id() + "/0");
  }

  private List<String> sendings() {
    return database
        .jdbi()
        .withHandle(
            h ->
                h.createQuery("select unnest(sendings) from undelivered")
                    .mapTo(String.class)
                    .list());
  }

  @Test
  void aCallThatWasAnsweredIsNeverMet() throws Exception {
    TestInvocation call = TestInvocation.first();
    for (int i = 1; i <= 20; i++) {
      assertThat(primary.run(writes, call.likewise())).isEqualTo(ToolResult.text("run " + i));
    }
  }

  @Test
  void neitherAnotherUserNorAnotherToolNorOtherArgumentsMeetIt() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool other = tool("other", Effect.WRITES_DATABASE, writes.handler());
    primary.undelivered(writes, call);

    primary.run(writes, call.likewise().user("bob"));
    primary.run(other, call.likewise());
    primary.run(writes, call.likewise().text("other"));
    assertThat(database.effects(call)).isZero();

    primary.run(writes, call.likewise());
    assertThat(database.effects(call)).isOne();
  }

  @Test
  void afterAMinuteItIsANewCall() throws Exception {
    TestInvocation call = TestInvocation.first();
    primary.run(writes, call);
    primary.undelivered(writes, call);
    assertThat(
            database.number(
                "select count(*) from undelivered where open_until between now() + interval '50 s'"
                    + " and now() + interval '1 min' and expires_at > now() + interval '14 min'"))
        .isOne();
    database.jdbi().useHandle(h -> h.execute("update undelivered set open_until = now()"));

    primary.run(writes, call.likewise());

    assertThat(effects()).isEqualTo(2);
  }

  @Test
  void oneThatRunsIsFencedOff() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> first = primary.start(hangs, call);
    reached.await();
    standby.undelivered(hangs, call);

    ToolResult again = standby.run(writes, call.likewise());
    woken.countDown();

    assertThat(first.get()).isEqualTo(again).isEqualTo(ToolResult.text("run 1"));
    assertThat(effects()).isOne();
  }

  @Test
  void twoServeTwoOfThreeAtOnce() throws Exception {
    TestInvocation one = TestInvocation.first();
    TestInvocation two = one.likewise();
    primary.run(writes, one);
    primary.run(writes, two);
    primary.undelivered(writes, one, two);

    List<CompletableFuture<ToolResult>> again =
        Stream.of(primary, standby, primary).map(o -> o.start(writes, one.likewise())).toList();

    assertThat(again.stream().map(CompletableFuture::join))
        .extracting(r -> r.content().getFirst().path("text").asString())
        .containsExactlyInAnyOrder("run 1", "run 2", "run 3");
    assertThat(effects()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ledger_enter", "COMMIT"})
  void aLostAnswerIsAskedForAgain(String statement) throws Exception {
    TestInvocation call = TestInvocation.first();
    primary.undelivered(writes, call);
    try (PostgresProxy wire = PostgresProxy.to(database.server().port());
        LedgerOrigin remote = LedgerOrigin.on(wire.url(database.url()))) {
      wire.loseAnswerTo(statement);

      remote.run(writes, call.likewise());

      assertThat(wire.answersLost()).isOne();
    }
    assertThat(database.effects(call)).isOne();
    primary.run(writes, call.likewise());
    assertThat(effects()).isEqualTo(2);
  }

  /** Attempt 1 at the second sending has become the call, and hangs before it commits that. */
  @Test
  void anAttemptThatHangsBetweenIsFencedOff() throws Exception {
    TestInvocation call = TestInvocation.first();
    TestInvocation again = call.likewise();
    primary.undelivered(writes, call);
    Ledger ledger = new Ledger(new LedgerConfig().build(), (_, _, _) -> {});
    try (Handle handle = database.jdbi().open()) {
      handle.getConnection().setAutoCommit(false);
      Ledger.Entry entry =
          ledger.enter(handle.getConnection(), Ledger.LedgerCall.of(writes, again), 1);
      assertThat(entry.callId()).isEqualTo(call.key().id());

      standby.run(writes, again.attempt(2));

      assertThat(database.effects(call)).isOne();
      assertThatThrownBy(() -> handle.execute("commit")).hasMessageContaining("terminating");
    }
  }

  /** Its client gives the second sending up while that becomes the call. */
  @Test
  void oneThatIsToldWhileItBecomesTheCallIsThat() throws Exception {
    TestInvocation call = TestInvocation.first();
    TestInvocation again = call.likewise();
    ToolResult first = primary.run(writes, call);
    primary.undelivered(writes, call);
    Ledger ledger = new Ledger(new LedgerConfig().build(), (_, _, _) -> {});
    CompletableFuture<Void> told;
    try (Handle handle = database.jdbi().open()) {
      handle.begin();
      ledger.enter(handle.getConnection(), Ledger.LedgerCall.of(writes, again), 1);
      told = telling(again);
      Conditions.await(
          "it is told, or waits",
          () ->
              told.isDone()
                  || database.number("select count(*) from pg_locks where not granted") > 0);
      handle.commit();
    }
    told.get();

    assertThat(standby.run(writes, again)).isEqualTo(first);
    assertThat(standby.run(writes, call.likewise())).isEqualTo(first);
    assertThat(effects()).isOne();
  }

  /** Its client gives the second sending up when that holds its lock, and has not looked yet. */
  @Test
  void oneThatIsToldBeforeItLooksBecomesTheCall() throws Exception {
    TestInvocation call = TestInvocation.first();
    TestInvocation again = call.likewise();
    ToolResult first = primary.run(writes, call);
    primary.undelivered(writes, call);
    try (Handle handle = database.jdbi().open()) {
      handle.begin();
      handle
          .select(
              "select pg_advisory_xact_lock(ledger_lock(?, false, ?, ?))",
              again.key().user(),
              again.key().id(),
              again.key().index())
          .mapToMap()
          .one();
      standby.undelivered(writes, again);
      handle.rollback();
    }

    assertThat(primary.run(writes, again)).isEqualTo(first);
    assertThat(primary.run(writes, call.likewise())).isEqualTo(first);
    assertThat(primary.run(writes, call.likewise())).isEqualTo(ToolResult.text("run 2"));
    assertThat(database.number("select count(*) from undelivered")).isOne();
  }

  /**
   * An origin was stopped when it had the notice, and goes on when the record of another origin has
   * been used up and deleted.
   */
  @Test
  void aNoticeIsRefusedAfterItsDeadline() throws Exception {
    TestInvocation call = TestInvocation.first();
    ToolResult first = primary.run(writes, call);
    primary.undelivered(writes, call.deadline(Instant.now().plusSeconds(60)));
    assertThat(primary.run(writes, call.likewise())).isEqualTo(first);
    database.jdbi().useHandle(h -> h.execute("delete from undelivered"));

    TestInvocation late = call.deadline(Instant.now().minusMillis(1));
    assertThatThrownBy(() -> standby.undelivered(writes, late))
        .isInstanceOf(AttemptFailedException.class);

    assertThat(database.number("select count(*) from undelivered")).isZero();
    assertThat(primary.run(writes, call.likewise())).isEqualTo(ToolResult.text("run 2"));
  }

  /** A notice waits for another one of an equal call, and its deadline passes meanwhile. */
  @Test
  void aNoticeIsRefusedIfItsDeadlinePassesWhileItWaits() throws Exception {
    TestInvocation call = TestInvocation.first().deadline(Instant.now().plusSeconds(2));
    CompletableFuture<Void> told;
    try (Handle handle = database.jdbi().open()) {
      handle.begin();
      handle
          .select(
              "select ledger_join(?, ?, ?)",
              call.key().user(),
              writes.name(),
              Ledger.Notice.of(writes.name(), call).hash())
          .mapToMap()
          .one();
      told = telling(call);
      Instant deadline = Objects.requireNonNull(call.attempt().deadline());
      Conditions.await("the deadline has passed", () -> Instant.now().isAfter(deadline));
      handle.commit();
    }
    assertThatThrownBy(told::get).hasCauseInstanceOf(AttemptFailedException.class);
    assertThat(database.number("select count(*) from undelivered")).isZero();
  }

  /** The client has sent the call again by its key, and then without it. */
  @Test
  void aSecondRecordOfTheSameNoticeIsNotUsedAgain() throws Exception {
    TestInvocation call = TestInvocation.first();
    ToolResult first = primary.run(writes, call);
    TestInvocation byKey = call.sentAgain();
    assertThat(primary.run(writes, byKey)).isEqualTo(first);
    primary.undelivered(writes, byKey);
    assertThat(standby.run(writes, call.likewise())).isEqualTo(first);

    standby.undelivered(writes, byKey, call);

    assertThat(standby.run(writes, call.likewise())).isEqualTo(ToolResult.text("run 2"));
    assertThat(effects()).isEqualTo(2);
  }

  @Test
  void aNoticeOfACallThatIsTooOldIsRefused() throws Exception {
    TestInvocation late = TestInvocation.first(Duration.ofMinutes(16)).sentAgain();
    TestInvocation inTime = TestInvocation.first(Duration.ofMinutes(14)).sentAgain();

    assertThatThrownBy(() -> primary.undelivered(writes, late)).isInstanceOf(TooOldException.class);
    assertThat(database.number("select count(*) from undelivered")).isZero();

    primary.undelivered(writes, inTime);
    assertThat(database.number("select count(*) from undelivered")).isOne();
  }

  private CompletableFuture<Void> telling(TestInvocation call) {
    CompletableFuture<Void> told = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            standby.undelivered(writes, call);
            told.complete(null);
          } catch (Throwable e) {
            told.completeExceptionally(e);
          }
        });
    return told;
  }

  @Test
  void itsSecondSendingIsUndeliveredToo() throws Exception {
    TestInvocation call = TestInvocation.first();
    primary.undelivered(writes, call);
    TestInvocation second = call.likewise();
    ToolResult result = primary.run(writes, second);
    primary.undelivered(writes, second, second);
    TestInvocation third = call.likewise();

    assertThat(standby.run(writes, third)).isEqualTo(result);
    // Told once more, late, by an origin that hung.
    standby.undelivered(writes, second, call);

    assertThat(standby.run(writes, call.likewise())).isEqualTo(ToolResult.text("run 2"));
    assertThat(database.number("select count(*) from undelivered")).isOne();
  }

  /** It was on its way to an origin that hung, while the client sent it a second and third time. */
  @Test
  void oneThatHasNotBegunIsToldFirst() throws Exception {
    TestInvocation first = TestInvocation.first();
    TestInvocation second = first.likewise();
    primary.undelivered(writes, first, second);

    ToolResult third = primary.run(writes, first.likewise());

    assertThat(standby.run(writes, second)).isEqualTo(third);
    assertThat(standby.run(writes, first)).isEqualTo(third);
    assertThat(effects()).isOne();
  }

  @Test
  void ofABatchEachCallIsMetOnce() throws Exception {
    TestInvocation batch = TestInvocation.first();
    for (int i = 0; i < 2; i++) {
      primary.run(writes, batch.at(i));
    }
    primary.undelivered(writes, batch.at(0), batch.at(1));
    TestInvocation again = batch.likewise();

    assertThat(Stream.of(0, 1, 2).map(i -> standby.start(writes, again.at(i)).join()))
        .extracting(r -> r.content().getFirst().path("text").asString())
        .containsExactly("run 1", "run 2", "run 3");
  }

  @Test
  void whatWasRefusedIsDoneByNoEarlierAttempt() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> first = primary.start(hangs, call);
    reached.await();
    standby.undelivered(hangs, call);
    ToolException why = new ToolException("No such memory.");
    Tool refuses =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              throw why;
            });

    assertThatThrownBy(() -> standby.run(refuses, call.likewise())).isSameAs(why);
    woken.countDown();

    assertThat(first.get().isError()).isTrue();
    assertThat(effects()).isZero();
  }

  @Test
  void byTheKeyOfItsErrorItIsMetToo() throws Exception {
    TestInvocation call = TestInvocation.first();
    ToolResult first = primary.run(writes, call);
    primary.undelivered(writes, call);

    assertThat(standby.run(writes, call.sentAgain())).isEqualTo(first);

    assertThat(standby.run(writes, call.likewise())).isEqualTo(ToolResult.text("run 2"));
    assertThat(standby.run(writes, call.sentAgain())).isEqualTo(first);
  }

  /** The client knows the second sending's key, though the first one's call was done. */
  @Test
  void theKeyOfASecondSendingNamesTheFirst() throws Exception {
    TestInvocation call = TestInvocation.first();
    ToolResult first = primary.run(writes, call);
    primary.undelivered(writes, call);
    TestInvocation second = call.likewise();
    primary.run(writes, second);
    primary.undelivered(writes, second);
    database.jdbi().useHandle(h -> h.execute("update undelivered set open_until = now()"));

    assertThat(standby.run(writes, second.sentAgain())).isEqualTo(first);
    assertThat(effects()).isOne();
  }

  @ParameterizedTest
  @EnumSource(names = {"ACTS_OUTSIDE", "ACTS_OUTSIDE_IDEMPOTENTLY"})
  void whatActsOutsideIsMetToo(Effect effect) throws Exception {
    Tool acts = tool(effect, c -> ToolResult.text(c.attempt().key().id() + runs.incrementAndGet()));
    TestInvocation call = TestInvocation.first().deadline(Instant.now().plusSeconds(60));
    ToolResult first = primary.run(acts, call);
    primary.undelivered(acts, call);

    assertThat(standby.run(acts, call.likewise())).isEqualTo(first);

    assertThat(standby.run(acts, call.likewise())).isNotEqualTo(first);
    assertThat(runs).hasValue(2);
  }

  @Test
  void aClaimThatNobodyFinishedIsUnknownToTheNextToo() throws Exception {
    Tool acts = tool(Effect.ACTS_OUTSIDE, c -> ToolResult.text("" + runs.incrementAndGet()));
    Tool dies =
        tool(
            Effect.ACTS_OUTSIDE,
            c -> {
              reached.countDown();
              woken.await();
              return ToolResult.text("");
            });
    TestInvocation call = TestInvocation.first();
    var _ = primary.start(dies, call);
    reached.await();
    primary.crash();
    standby.undelivered(acts, call);

    assertThat(standby.run(acts, call.likewise()).isError()).isTrue();
    assertThat(runs).hasValue(0);
  }
}
