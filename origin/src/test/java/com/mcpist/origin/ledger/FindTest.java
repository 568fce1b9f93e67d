package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.testkit.Conditions;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests what somebody is told of a call who knows only its id or key. */
final class FindTest {
  private static LedgerDatabase database;
  private static LedgerOrigin origin;

  private final Tool writes = tool(Effect.WRITES_DATABASE, _ -> ToolResult.text("a secret"));
  private final TestInvocation call = TestInvocation.first();

  @BeforeAll
  static void start() throws SQLException {
    database = LedgerDatabase.create();
    origin = LedgerOrigin.on(database.url());
  }

  @AfterAll
  static void stop() throws SQLException {
    origin.close();
    database.close();
  }

  /** User, state, whether its client has no answer, and whether the next same call becomes it. */
  private static List<String> found(String id) {
    try (Handle handle =
        Jdbi.create(database.server().jdbcUrl().replace("user=postgres", "user=mcpist")).open()) {
      return handle
          .createQuery(
              "select concat_ws(' ', user_id, coalesce(state, 'none'), undelivered,"
                  + " open_until > now()) from ledger_find(:ids, :unknown) order by 1")
          .bindArray("ids", String.class, id)
          .bind("unknown", Ledger.UNKNOWN_OUTCOME)
          .mapTo(String.class)
          .list();
    }
  }

  @Test
  void aCallThatHasRunIsDone() throws Exception {
    origin.run(writes, call);

    assertThat(found(call.key().id())).containsExactly("ann done f");
    assertThat(found("another")).isEmpty();
  }

  @Test
  void aKeyMayBeOfSeveralUsers() throws Exception {
    origin.run(writes, TestInvocation.of(new Attempt.Key("ann", "k", 0, true)));
    origin.run(writes, TestInvocation.of(new Attempt.Key("bob", "k", 0, true)));

    assertThat(found("k")).containsExactly("ann done f", "bob done f");
  }

  @Test
  void whatActsOutsideIsRunningThenDone() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Tool acts =
        tool(
            Effect.ACTS_OUTSIDE,
            _ -> {
              reached.countDown();
              go.await();
              return ToolResult.text("acted");
            });
    var running = origin.start(acts, call);
    reached.await();
    assertThat(found(call.key().id())).containsExactly("ann running f");
    long began = recordedMicros();
    go.countDown();
    running.get();

    assertThat(found(call.key().id())).containsExactly("ann done f");
    assertThat(recordedMicros()).isGreaterThan(began);
  }

  @Test
  void whatIsPreparedByAnOriginThatHasDiedHasNotBegun() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    Tool prepares =
        tool(
                Effect.ACTS_OUTSIDE,
                _ -> {
                  reached.countDown();
                  new CountDownLatch(1).await();
                  return ToolResult.text("never");
                })
            .renewingClaim();
    try (LedgerOrigin dies = LedgerOrigin.on(database.url())) {
      var _ = dies.start(prepares, call);
      reached.await();
      assertThat(found(call.key().id())).containsExactly("ann running f");
      dies.crash();
      Conditions.await(
          "the lease has run out", () -> found(call.key().id()).equals(List.of("ann prepared f")));
    }
  }

  private long recordedMicros() {
    return database.number(
        "select (extract(epoch from at) * 1000000)::bigint from tool_call where call_id = ?",
        call.key().id());
  }

  @Test
  void whatFailedWhileItActedIsUnknown() throws Exception {
    Tool breaks =
        tool(
            Effect.ACTS_OUTSIDE,
            _ -> {
              throw new IllegalStateException("the service is gone");
            });
    origin.run(breaks, call);

    assertThat(found(call.key().id())).containsExactly("ann unknown f");
  }

  @Test
  void whatWasRefusedIsNotDone() {
    Tool refuses =
        tool(
            Effect.WRITES_DATABASE,
            _ -> {
              throw new ToolException("no");
            });
    assertThatThrownBy(() -> origin.run(refuses, call.attempt(2)))
        .isInstanceOf(ToolException.class);

    assertThat(found(call.key().id())).containsExactly("ann refused f");
  }

  @Test
  void aSendingIsTheCallThatItBecame() throws Exception {
    origin.run(writes, call);
    origin.undelivered(writes, call);
    assertThat(found(call.key().id())).containsExactly("ann done t t");

    TestInvocation again = call.likewise();
    origin.run(writes, again);

    assertThat(found(again.key().id())).containsExactly("ann done t");
    assertThat(found(call.key().id())).containsExactly("ann done t");
  }
}
