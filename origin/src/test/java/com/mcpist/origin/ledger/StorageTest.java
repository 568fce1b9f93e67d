package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static com.mcpist.origin.ledger.Storing.KIB;
import static com.mcpist.origin.ledger.Storing.MEMORY;
import static com.mcpist.origin.ledger.Storing.SAVES;
import static com.mcpist.origin.ledger.Storing.does;
import static com.mcpist.origin.ledger.Storing.save;
import static com.mcpist.origin.ledger.Storing.saving;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A user stores as much as the plan allows, and no more. */
final class StorageTest {
  private LedgerDatabase database;
  private LedgerOrigin origin;

  @BeforeEach
  void start() throws SQLException {
    database = LedgerDatabase.create();
    origin = LedgerOrigin.on(database.url());
  }

  @AfterEach
  void stop() throws SQLException {
    origin.close();
    database.close();
  }

  /** Gives everybody so much. */
  private void allow(int mib) {
    database.jdbi().useHandle(h -> h.execute("update plan set storage_mib = ?", mib));
  }

  @Test
  void whatIsMoreThanThePlanAllowsIsNotDone() throws Exception {
    allow(1);
    TestInvocation first = saving(600);
    ToolResult saved = origin.run(SAVES, first);
    TestInvocation second = saving(600);

    assertThatThrownBy(() -> origin.run(SAVES, second))
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("would bring what you have stored to 1.2 MiB")
        .hasMessageContaining("you may store 1.0 MiB")
        .hasMessageContaining("0.1 MiB of it is the record of your earlier calls");

    assertThat(database.effects(second)).isZero();
    assertThat(database.recorded(second)).isZero();
    assertThat(database.stored("ann", "memory")).isEqualTo(600 * KIB + MEMORY);
    assertThat(origin.run(SAVES, first.attempt(2))).as("what was done is told").isEqualTo(saved);
    assertThat(origin.run(SAVES, saving(600).user("bob"))).isEqualTo(saved);
  }

  @Test
  void whatFreesMoreThanItTakesIsDone() throws Exception {
    origin.run(SAVES, saving(600));
    origin.run(SAVES, saving(700));
    allow(1);

    origin.run(does("update memory set text = left(text, 100)"), TestInvocation.first());
    origin.run(does("delete from memory"), TestInvocation.first());
    origin.run(SAVES, saving(600));

    assertThat(database.stored("ann", "memory")).isEqualTo(600 * KIB + MEMORY);
  }

  /** A plan that has become smaller, say. */
  @Test
  void whoHasFarTooMuchMayDelete() throws Exception {
    for (int i = 0; i < 5; i++) {
      origin.run(SAVES, saving(600));
    }
    allow(1);

    origin.run(
        does("delete from memory where id = (select id from memory limit 1)"),
        TestInvocation.first());
    origin.run(does("update memory set text = left(text, 614400 - 2048)"), TestInvocation.first());

    assertThat(database.stored("ann", "memory")).isEqualTo(4 * (598 * KIB + MEMORY));
    assertThatThrownBy(() -> origin.run(SAVES, saving(0))).isInstanceOf(ToolException.class);
  }

  @Test
  void aPlanOfOnesOwnCounts() throws Exception {
    allow(1);
    database
        .jdbi()
        .useHandle(
            h -> {
              h.execute("insert into plan values ('large', 1, 1, 2)");
              h.execute("insert into account values ('bob', 'large')");
            });

    assertThat(origin.run(SAVES, saving(1500).user("bob")).isError()).isFalse();
    assertThatThrownBy(() -> origin.run(SAVES, saving(1500))).isInstanceOf(ToolException.class);
  }

  @Test
  void nothingIsDoneOutsideForWhoHasNoRoom() throws Exception {
    origin.run(SAVES, saving(1100));
    allow(1);
    AtomicBoolean acted = new AtomicBoolean();
    for (Effect effect : List.of(Effect.ACTS_OUTSIDE, Effect.ACTS_OUTSIDE_IDEMPOTENTLY)) {
      Tool acts = acting(effect, acted);
      assertThatThrownBy(() -> origin.run(acts, TestInvocation.first()))
          .isInstanceOf(ToolException.class)
          .hasMessageContaining("Nothing was done");
    }
    assertThat(acted).isFalse();
  }

  @Test
  void whatWasRefusedIsNotDoneOutsideByAnEarlierAttempt() throws Exception {
    origin.run(SAVES, saving(1100));
    AtomicBoolean acted = new AtomicBoolean();
    for (Effect effect : List.of(Effect.ACTS_OUTSIDE, Effect.ACTS_OUTSIDE_IDEMPOTENTLY)) {
      Tool acts = acting(effect, acted);
      TestInvocation call = TestInvocation.first();
      allow(1);
      assertThatThrownBy(() -> origin.run(acts, call.attempt(2))).isInstanceOf(ToolException.class);
      allow(100);

      assertThat(origin.run(acts, call).isError()).isTrue();
      assertThat(acted).isFalse();
      // Where the refusal has not reached the edge.
      assertThat(origin.run(acts, call.attempt(3)).isError()).isFalse();
      assertThat(acted.getAndSet(false)).isTrue();
      assertThat(origin.run(acts, call).isError()).isFalse();
      assertThat(acted).isFalse();
    }
  }

  @Test
  void whatWasRefusedIsNotDoneByAnEarlierAttempt() throws Exception {
    TestInvocation call = saving(600);
    origin.run(SAVES, saving(600));
    allow(1);
    assertThatThrownBy(() -> origin.run(SAVES, call.attempt(2))).isInstanceOf(ToolException.class);
    origin.run(does("delete from memory"), TestInvocation.first());

    assertThat(origin.run(SAVES, call).isError()).isTrue();
    assertThat(database.effects(call)).isZero();
    assertThat(database.stored("ann", "memory")).isZero();
  }

  private static Tool acting(Effect effect, AtomicBoolean acted) {
    return tool(
        effect,
        call -> {
          acted.set(true);
          return ToolResult.text("acted");
        });
  }

  @Test
  void theResultOfWhatWasDoneOutsideIsKeptAllTheSame() throws Exception {
    allow(1);
    TestInvocation call = TestInvocation.first();
    Tool acts =
        tool(
            Effect.ACTS_OUTSIDE,
            c -> {
              origin.run(SAVES, saving(1000));
              return ToolResult.text("y".repeat(500 * KIB));
            });
    ToolResult result = origin.run(acts, call);

    assertThat(origin.run(acts, call.attempt(2))).isEqualTo(result);
    assertThat(database.stored("ann", "tool_call")).isGreaterThan(500 * KIB);
  }

  @Test
  void whereNothingIsLimitedAllIsStored() throws Exception {
    allow(1);
    Ledger.Config unlimited = new LedgerConfig().storageLimited(false).build();
    try (LedgerOrigin free = LedgerOrigin.on(database.url(), unlimited)) {
      free.run(SAVES, saving(1500));
      free.run(tool(Effect.ACTS_OUTSIDE, call -> ToolResult.text("a")), TestInvocation.first());
    }
    assertThat(database.stored("ann", "memory")).isEqualTo(1500 * KIB + MEMORY);
  }

  @Test
  void noCallWaitsForAnotherOfTheSameUser() throws Exception {
    origin.run(SAVES, saving(1));
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch woken = new CountDownLatch(1);
    Tool hangs =
        tool(
            Effect.WRITES_DATABASE,
            call -> {
              save(call, "hung");
              reached.countDown();
              woken.await();
              return ToolResult.text("late");
            });
    CompletableFuture<ToolResult> first = origin.start(hangs, TestInvocation.first());
    reached.await();
    try {
      for (int i = 0; i < 3; i++) {
        origin.start(SAVES, saving(1)).get(30, TimeUnit.SECONDS);
        database.fold();
      }
      assertThat(first).isNotDone();
    } finally {
      woken.countDown();
    }
    first.get(30, TimeUnit.SECONDS);
    origin.run(SAVES, saving(1));
    database.awaitFolded();
    assertThat(
            database.number(
                "select count(*) from stored where user_id = 'ann' and counted = 'memory'"))
        .isEqualTo(1);
    assertThat(database.stored("ann", "memory")).isEqualTo(4 + 5 * KIB + 6 * MEMORY);
  }

  /** Which keeps each row that is deleted meanwhile, for itself to see. */
  @Test
  void anOpenTransactionOfSomebodysSlowsNoSave() throws Exception {
    try (Handle stranger = database.jdbi().open()) {
      stranger.begin();
      stranger.execute("select pg_current_xact_id()");
      stranger.execute("declare open cursor for select 1");
      for (int i = 0; i < 100; i++) {
        origin.run(SAVES, saving(0));
        if (i % 5 == 4) {
          database.fold();
        }
        if (i == 10) {
          database.jdbi().useHandle(h -> h.execute("analyze stored"));
        }
      }
      assertThat(passedByACheck()).isBetween(1L, 100L);
      stranger.rollback();
    }
  }

  /** Entries of the index, dead ones too. */
  private long passedByACheck() {
    return database
        .jdbi()
        .inTransaction(
            h -> {
              h.execute("set local mcpist.user_id = 'ann'");
              h.execute("select stored_check()");
              return h.createQuery(
                      "select pg_stat_get_xact_tuples_returned('stored_xid'::regclass)")
                  .mapTo(Long.class)
                  .one();
            });
  }

  /** Whose transactions have numbers that begin anew. */
  @Test
  void whatWasRestoredFromAnotherClusterIsAddedUp() throws Exception {
    origin.run(SAVES, saving(1));
    database
        .jdbi()
        .useHandle(h -> h.execute("update stored_upto set upto = '9000000000:9000000000:'"));
    origin.run(SAVES, saving(1));
    database.awaitFolded();

    assertThat(database.stored("ann", "memory")).isEqualTo(2 * KIB + 2 * MEMORY);
  }

  /** A call that frees less than what is kept of it. */
  @Test
  void aLittleIsFreedToo() throws Exception {
    database.jdbi().useHandle(StorageTest::small);
    for (int i = 0; i < 3; i++) {
      origin.run(does("insert into small values ('ann')"), TestInvocation.first());
    }
    assertThat(database.stored("ann", "small")).isEqualTo(600);
    origin.run(SAVES, saving(1100));
    allow(1);

    Tool frees = does("delete from small where ctid = (select ctid from small limit 1)");
    origin.run(frees, TestInvocation.first());
    assertThat(database.stored("ann", "small")).isEqualTo(400);
    assertThatThrownBy(() -> origin.run(does("update memory set title = 'a'"), saving(1)))
        .isInstanceOf(ToolException.class);

    database
        .jdbi()
        .useHandle(h -> h.execute("insert into stored values ('ann', 'tool_call', 1048576)"));
    assertThatThrownBy(() -> origin.run(frees, TestInvocation.first()))
        .as("not without end")
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("deleted within a quarter of an hour");
  }

  private static void small(Handle handle) {
    handle
        .createScript(
            """
            create table small (user_id text, bytes bigint generated always as (200) stored);
            grant select, insert, delete on small to mcpist_origin;
            select stored_triggers('small');
            """)
        .execute();
  }
}
