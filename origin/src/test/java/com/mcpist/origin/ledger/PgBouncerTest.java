package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.fixture.PgBouncer;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ledger where connections are not sessions: through PgBouncer, with few connections. */
@Needs(Need.PGBOUNCER)
final class PgBouncerTest {
  private static final Tool WORKS =
      tool(
          Effect.WRITES_DATABASE,
          c -> {
            LedgerDatabase.effect(c);
            return ToolResult.text("done by attempt " + c.attempt().number());
          });

  @TempDir private Path folder;
  private LedgerDatabase database;
  private PgBouncer pooler;
  private LedgerOrigin primary;
  private LedgerOrigin standby;
  private final CountDownLatch woken = new CountDownLatch(1);

  @BeforeEach
  void start() throws Exception {
    database = LedgerDatabase.create();
    pooler = PgBouncer.before(database.server(), folder);
    primary = LedgerOrigin.on(pooler.url());
    standby = LedgerOrigin.on(pooler.url());
  }

  @AfterEach
  void stop() throws Exception {
    woken.countDown();
    if (primary != null) {
      primary.close();
      standby.close();
      pooler.close();
      database.close();
    }
  }

  private Tool hangs(CountDownLatch reached) {
    return tool(
        Effect.WRITES_DATABASE,
        c -> {
          LedgerDatabase.effect(c);
          reached.countDown();
          woken.await();
          return ToolResult.text("done by the one that hung");
        });
  }

  @Test
  void aLaterAttemptFencesOffOneThatHangs() throws Exception {
    TestInvocation call = TestInvocation.first();
    CountDownLatch reached = new CountDownLatch(1);
    CompletableFuture<ToolResult> first = primary.start(hangs(reached), call);
    reached.await();

    ToolResult second = standby.run(WORKS, call.attempt(2));
    woken.countDown();

    assertThat(second).isEqualTo(ToolResult.text("done by attempt 2"));
    assertThat(first.get()).isEqualTo(second);
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void anOriginThatHangsWithHalfTheConnectionsDoesNotHoldTheOther() throws Exception {
    int half = PgBouncer.SERVER_CONNECTIONS / 2;
    CountDownLatch reached = new CountDownLatch(half);
    List<TestInvocation> calls = new ArrayList<>();
    List<CompletableFuture<ToolResult>> hanging = new ArrayList<>();
    for (int i = 0; i < half; i++) {
      TestInvocation call = TestInvocation.first();
      calls.add(call);
      hanging.add(primary.start(hangs(reached), call));
    }
    reached.await();

    for (TestInvocation call : calls) {
      assertThat(standby.run(WORKS, call.attempt(2)))
          .isEqualTo(ToolResult.text("done by attempt 2"));
    }
    woken.countDown();

    for (CompletableFuture<ToolResult> one : hanging) {
      assertThat(one.get()).isEqualTo(ToolResult.text("done by attempt 2"));
    }
    for (TestInvocation call : calls) {
      assertThat(database.effects(call)).isEqualTo(1);
    }
  }

  @Test
  void nothingOfACallStaysInItsSession() throws Exception {
    for (int i = 0; i < 3 * PgBouncer.SERVER_CONNECTIONS; i++) {
      primary.run(WORKS, TestInvocation.first().deadline(Instant.now().plusSeconds(60)));
    }
    String tellsWhatIsLeft =
        """
        select string_agg(name || '=' || setting, ' ' order by name) from pg_settings
        where name in ('transaction_timeout', 'statement_timeout', 'lock_timeout',
          'idle_in_transaction_session_timeout') and setting <> '0'\
        """;
    try (Connection next = Database.connect(DatabaseUrl.parse(pooler.url()), 5, 5);
        Statement statement = next.createStatement()) {
      for (int i = 0; i < 2 * PgBouncer.SERVER_CONNECTIONS; i++) {
        try (ResultSet row = statement.executeQuery(tellsWhatIsLeft)) {
          row.next();
          assertThat(row.getString(1)).isNull();
        }
      }
    }
  }

  @Test
  void aDeadlineThatPassesWhileTheToolIsIdleEndsTheCall() {
    TestInvocation call = TestInvocation.first().deadline(Instant.now().plusMillis(500));
    Tool waits =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              database.awaitNoOpenTransaction();
              return ToolResult.text("too late");
            });

    assertThatThrownBy(() -> primary.run(waits, call)).isInstanceOf(AttemptFailedException.class);

    assertThat(database.effects(call)).isZero();
  }

  @Test
  void whatActsOutsideIsClaimedAndSettled() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool acts = tool(Effect.ACTS_OUTSIDE, c -> ToolResult.text("acted"));

    assertThat(primary.run(acts, call)).isEqualTo(ToolResult.text("acted"));
    assertThat(standby.run(acts, call.attempt(2))).isEqualTo(ToolResult.text("acted"));
  }
}
