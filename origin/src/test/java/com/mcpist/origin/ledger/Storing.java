package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import java.util.UUID;

/** Tools that store something for their user. */
final class Storing {
  static final int KIB = 1024;

  /** Of a memory, beside its text: two keys. */
  static final int MEMORY = KIB + 2 * 24;

  /** Saves a memory of the text that it is given. */
  static final Tool SAVES =
      tool(
          "saves",
          Effect.WRITES_DATABASE,
          call -> {
            LedgerDatabase.effect(call);
            save(call, call.arguments().path("text").asString());
            return ToolResult.text("saved");
          });

  private Storing() {}

  static void save(ToolCall call, String text) {
    call.database()
        .execute(
            "insert into memory (id, user_id, title, text, tags, keys, marks, analysis, created_at,"
                + " updated_at) values (?, ?, '', ?, '{}', '{1}', '{2}', 1, now(), now())",
            UUID.randomUUID(), call.attempt().key().user(), text);
  }

  static Tool does(String sql) {
    return tool(
        sql,
        Effect.WRITES_DATABASE,
        call -> {
          call.database().execute(sql);
          return ToolResult.text("done");
        });
  }

  /** The first attempt at saving so much. */
  static TestInvocation saving(int kib) {
    return TestInvocation.first().text("x".repeat(kib * KIB));
  }
}
