package com.mcpist.origin.admin;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.memory.MemoryTransfer;
import com.mcpist.origin.memory.MemoryTransfer.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A user's memories, out and in. What comes in counts as what its user saves. */
record Memories(AdminTransactions transactions, boolean storageLimited) {
  private static final int MOST = 100;
  private static final String TOO_MUCH = "MC003";

  /** The tools count characters, and here one may be two. */
  private static final int LONGEST_TITLE = 2 * 200;

  private static final int LONGEST_TEXT = 2 * 20_000;
  private static final int MOST_TAGS = 20;
  private static final Pattern TAG = Pattern.compile("[^\\x00\\p{Cs}]{1,50}");

  AdminReply run(AdminRequest request) throws AdminProblem {
    if (!request.one()) {
      throw AdminProblem.notFound();
    }
    String user = Plans.user("A user", request.name());
    return switch (request.method()) {
      case "GET" -> page(user, request.after());
      case "POST" -> add(user, Fields.of(request.body()));
      default -> throw AdminProblem.wrongMethod("GET, POST");
    };
  }

  private AdminReply page(String user, @Nullable String last) throws AdminProblem {
    @Nullable UUID after = last == null ? null : Fields.uuid("after", last);
    return AdminReply.list("memories", transactions.run(h -> MemoryTransfer.page(h, user, after)));
  }

  private AdminReply add(String user, Fields fields) throws AdminProblem {
    List<Item> items = new ArrayList<>();
    for (Fields memory : fields.list("memories", MOST)) {
      items.add(item(memory));
    }
    fields.end();
    try {
      int added =
          transactions.run(
              h -> {
                int count = MemoryTransfer.add(h, user, items);
                if (storageLimited) {
                  h.execute("select stored_check()");
                }
                return count;
              });
      return AdminReply.ok(Json.object().put("added", added).put("known", items.size() - added));
    } catch (IllegalStateException e) {
      if (Database.sqlFailures(e).anyMatch(cause -> TOO_MUCH.equals(cause.getSQLState()))) {
        throw AdminProblem.storageFull();
      }
      throw e;
    }
  }

  private static Item item(Fields memory) throws AdminProblem {
    @Nullable UUID id = memory.has("id") ? memory.uuid("id") : null;
    Item item =
        new Item(
            id,
            memory.name("title", LONGEST_TITLE).strip(),
            memory.name("text", LONGEST_TEXT),
            memory.texts("tags", MOST_TAGS, TAG),
            memory.instantIfAny("createdAt"),
            memory.instantIfAny("updatedAt"));
    memory.end();
    return item;
  }
}
