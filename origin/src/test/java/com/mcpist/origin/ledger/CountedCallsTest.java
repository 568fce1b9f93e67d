package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static com.mcpist.origin.ledger.Storing.SAVES;
import static com.mcpist.origin.ledger.Storing.saving;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolResult;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls that are paid. */
final class CountedCallsTest {
  private LedgerDatabase database;

  @BeforeEach
  void start() throws SQLException {
    database = LedgerDatabase.create();
    database
        .jdbi()
        .useHandle(
            h -> {
              h.execute("insert into billing_customer (id, user_id) values ('cus', 'ann')");
              h.execute(
                  "insert into billing_subscription values"
                      + " ('sub', 'cus', 'ann', 'active', 'pro', null, true)");
            });
  }

  @AfterEach
  void stop() throws SQLException {
    database.close();
  }

  private int counted() {
    return database
        .jdbi()
        .withHandle(
            h -> h.createQuery("select count(*) from billing_use").mapTo(Integer.class).one());
  }

  private static LedgerOrigin origin(String url, boolean counts) {
    return LedgerOrigin.on(url, new LedgerConfig().counts(counts).build());
  }

  @Test
  void aCallCountsOnce() throws Exception {
    Tool acts = tool(Effect.ACTS_OUTSIDE, call -> ToolResult.text("acted"));
    try (PostgresProxy wire = PostgresProxy.to(database.server().port());
        LedgerOrigin origin = origin(wire.url(database.url()), true)) {
      for (String end : new String[] {"ledger_finish", "ledger_settle"}) {
        Tool tool = end.equals("ledger_finish") ? SAVES : acts;
        TestInvocation call = saving(1);
        wire.loseAnswerTo(end);
        origin.run(tool, call);
        origin.run(tool, call.attempt(2));
      }
      assertThat(counted()).isEqualTo(2);
    }
  }

  @Test
  void whatNobodyKnowsTheOutcomeOfIsNotPaid() throws Exception {
    Tool breaks =
        tool(
            Effect.ACTS_OUTSIDE,
            call -> {
              throw new IOException("reset");
            });
    try (LedgerOrigin origin = origin(database.url(), true)) {
      assertThat(origin.run(breaks, TestInvocation.first()).content().toString())
          .contains("unknown");
      assertThat(counted()).isZero();
    }
  }

  @Test
  void whereNothingIsSoldByUseNothingCounts() throws Exception {
    try (LedgerOrigin origin = origin(database.url(), false)) {
      origin.run(SAVES, saving(1));
      assertThat(counted()).isZero();
    }
  }
}
