package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.TestOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.module.Effect;
import com.mcpist.origin.module.Tool;
import com.mcpist.origin.module.ToolResult;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * While a release is rolled out, the one before works beside it: as the tables' owner, and with the
 * statements that it had, which name no user.
 */
final class TheReleaseBeforeTest {
  private static final Tool WORKS =
      tool(
          Effect.WRITES_DATABASE,
          c -> {
            LedgerDatabase.effect(c);
            return ToolResult.text("of this release");
          });

  private LedgerDatabase database;
  private TestOrigin origin;
  private Handle before;

  @BeforeEach
  void start() throws SQLException {
    database = LedgerDatabase.create();
    origin = TestOrigin.on(database.url());
    before = database.jdbi().open();
    before.getConnection().setAutoCommit(false);
  }

  @AfterEach
  void stop() throws SQLException {
    before.getConnection().close();
    origin.close();
    database.close();
  }

  private String enter(TestInvocation call) {
    return before
        .createQuery(
            "select state from ledger_enter('ann', false, ?, 0, ?, 1, null, 5000, 30000, 30000)")
        .bind(0, call.key().id())
        .bind(1, call.attempt().number())
        .mapTo(String.class)
        .one();
  }

  private void finish(TestInvocation call, String hash) {
    before
        .createQuery(
            "select ledger_finish('ann', false, ?, 0, ?, 1, null, 'test', ?, 'before', '{}')::text")
        .bind(0, call.key().id())
        .bind(1, call.attempt().number())
        .bind(2, hash)
        .mapTo(String.class)
        .one();
    before.commit();
  }

  @Test
  void itFencesOffAnAttemptOfThisOne() throws Exception {
    TestInvocation call = TestInvocation.first();
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch woken = new CountDownLatch(1);
    Tool hangs =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              reached.countDown();
              woken.await();
              return ToolResult.text("hung");
            });
    CompletableFuture<ToolResult> first = origin.start(hangs, call);
    reached.await();

    assertThat(enter(call.attempt(2))).isEqualTo("entered");
    before.execute("insert into effect values (?, 'before')", call.key().id());
    finish(call.attempt(2), LedgerCall.of(hangs, call).hash());
    woken.countDown();

    assertThat(first.get().content()).isEmpty();
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void itIsFencedOffByAnAttemptOfThisOne() throws Exception {
    TestInvocation call = TestInvocation.first();
    assertThat(enter(call)).isEqualTo("entered");
    before.execute("insert into effect values (?, 'before')", call.key().id());

    assertThat(origin.run(WORKS, call.attempt(2))).isEqualTo(ToolResult.text("of this release"));

    assertThatThrownBy(() -> finish(call, "h")).hasMessageContaining("terminating connection");
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void itFindsWhatThisOneHasDone() throws Exception {
    TestInvocation call = TestInvocation.first();
    origin.run(WORKS, call);

    assertThat(enter(call.attempt(2))).isEqualTo("found");
  }

  @Test
  void itClaimsRenewsSettlesAndGivesUp() {
    UUID claim = UUID.randomUUID();
    assertThat(claim("settled", claim)).isEqualTo("entered");
    assertThat(
            before.execute(
                "update tool_call set lease_until = clock_timestamp() + ? * interval '1"
                    + " millisecond' where claim = any(?)",
                60_000,
                new UUID[] {claim}))
        .isEqualTo(1);
    assertThat(
            before
                .createQuery("select ledger_settle('ann', false, 'settled', 0, null, '{}')")
                .mapTo(String.class)
                .one())
        .isEqualTo("{}");
    UUID givenUp = UUID.randomUUID();
    assertThat(claim("given up", givenUp)).isEqualTo("entered");
    assertThat(database.stored("ann", "tool_call")).as("committed by none yet").isZero();
    assertThat(before.execute("delete from tool_call where claim = ?", givenUp)).isEqualTo(1);
    before.commit();
    assertThat(database.stored("ann", "tool_call")).as("what it has settled").isEqualTo(512 + 2);
  }

  private String claim(String id, UUID claim) {
    return before
        .createQuery(
            "select state from ledger_claim('ann', false, ?, 0, 1, null, 'test', 'h', 'before', ?,"
                + " 2000, 5000, false)")
        .bind(0, id)
        .bind(1, claim)
        .mapTo(String.class)
        .one();
  }

  @Test
  void itCleansUpWhatIsOfThisOne() throws Exception {
    TestInvocation call = TestInvocation.first();
    origin.run(WORKS, call);
    before.execute("update tool_call set expires_at = now() - interval '1 second'");
    before.commit();

    int deleted =
        before.execute(
            """
            delete from tool_call where ctid = any(array(
              select ctid from tool_call
              where expires_at < now() and (lease_until is null or lease_until < now())
              order by expires_at limit 500 for update skip locked))
            """);
    before.commit();

    assertThat(deleted).isEqualTo(1);
    assertThat(database.recorded(call)).isZero();
    assertThat(database.stored("ann", "tool_call")).isZero();
  }
}
