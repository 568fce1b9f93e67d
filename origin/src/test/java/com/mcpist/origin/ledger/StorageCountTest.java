package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.Storing.KIB;
import static com.mcpist.origin.ledger.Storing.MEMORY;
import static com.mcpist.origin.ledger.Storing.SAVES;
import static com.mcpist.origin.ledger.Storing.does;
import static com.mcpist.origin.ledger.Storing.saving;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolResult;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is counted of a user is what there is. */
final class StorageCountTest {
  /** Of a call, beside its result. */
  private static final int CALL = 512;

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

  @Test
  void aMemoryCountsWhatItTakes() throws Exception {
    TestInvocation call = TestInvocation.first().text("日本");
    origin.run(SAVES, call);
    assertThat(database.stored("ann", "memory")).isEqualTo(MEMORY + 6);

    origin.run(does("update memory set title = title || 'abc', text = ''"), TestInvocation.first());
    assertThat(database.stored("ann", "memory")).isEqualTo(MEMORY + 6);

    origin.run(does("update memory set keys = keys || '{3,4}'"), TestInvocation.first());
    assertThat(database.stored("ann", "memory")).isEqualTo(MEMORY + 6 + 2 * 24);

    origin.run(does("delete from memory"), TestInvocation.first());
    assertThat(database.stored("ann", "memory")).isZero();
    assertThat(database.stored("bob", "memory")).isZero();
  }

  @Test
  void aCallCountsWhileItsResultIsKept() throws Exception {
    origin.run(does("select"), TestInvocation.first());
    origin.run(does("select"), TestInvocation.first().user("bob"));

    long kept = CALL + database.number("select min(octet_length(result)) from tool_call");
    assertThat(database.stored("ann", "tool_call")).isEqualTo(kept);
    assertThat(database.stored("bob", "tool_call")).isEqualTo(kept);

    database
        .jdbi()
        .useHandle(
            h -> {
              h.execute("update tool_call set expires_at = now() - interval '1 second'");
              h.execute("select ledger_clean(10)");
            });
    assertThat(database.stored("ann", "tool_call")).isZero();
    assertThat(database.stored("bob", "tool_call")).isZero();
  }

  /** Whatever happens at the same time, and whatever is undone. */
  @Test
  void whatIsCountedIsWhatIsThere() throws Exception {
    Random random = new Random(7);
    List<CompletableFuture<ToolResult>> calls = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Tool any =
          switch (random.nextInt(5)) {
            case 0 -> does("update memory set text = text || 'more', title = title || 'x'");
            case 1 -> does("delete from memory where id = (select id from memory limit 1)");
            case 2 -> does("insert into memory select 1 / 0");
            default -> SAVES;
          };
      Attempt.Key key =
          new Attempt.Key(random.nextBoolean() ? "ann" : "bob", "" + i, 0, random.nextBoolean());
      calls.add(
          origin.start(any, TestInvocation.of(key).text("z".repeat(random.nextInt(3 * KIB)))));
    }
    int failed = 0;
    for (CompletableFuture<ToolResult> call : calls) {
      database.fold();
      try {
        call.get(60, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        failed++;
      }
    }
    assertThat(failed).isBetween(30, 200);
    for (String user : List.of("ann", "bob")) {
      assertThat(database.stored(user, "memory"))
          .isEqualTo(
              database.number(
                  "select sum(? + octet_length(text) + 2 * octet_length(title)) from memory"
                      + " where user_id = ?",
                  MEMORY,
                  user))
          .isPositive();
      assertThat(database.stored(user, "tool_call"))
          .isEqualTo(
              database.number(
                  "select sum(512 + octet_length(result)) from tool_call where user_id = ?", user));
    }
  }

  @Test
  void aRowThatChangesHandsCountsForItsNewUser() throws Exception {
    origin.run(SAVES, saving(1));
    origin.run(SAVES, saving(2));
    database.jdbi().useHandle(h -> h.execute("update memory set user_id = 'bob'"));

    assertThat(database.stored("ann", "memory")).isZero();
    assertThat(database.stored("bob", "memory")).isEqualTo(3 * KIB + 2 * MEMORY);
    database.fold();
    assertThat(database.stored("ann", "memory")).isZero();
    assertThat(database.stored("bob", "memory")).isEqualTo(3 * KIB + 2 * MEMORY);
    assertThat(database.number("select count(*) from stored where bytes = 0")).isZero();
  }

  @Test
  void whatWasWrittenPastTheTriggersIsCountedAnew() throws Exception {
    origin.run(SAVES, saving(1));
    database
        .jdbi()
        .useHandle(
            h -> {
              h.execute("alter table memory disable trigger user");
              h.execute("update memory set text = '', user_id = 'bob'");
              h.execute("alter table memory enable trigger user");
              h.execute("select stored_triggers('memory')");
            });

    assertThat(database.stored("ann", "memory")).isZero();
    assertThat(database.stored("bob", "memory")).isEqualTo(MEMORY);
    assertThat(database.stored("ann", "tool_call")).isGreaterThan(CALL);
  }
}
