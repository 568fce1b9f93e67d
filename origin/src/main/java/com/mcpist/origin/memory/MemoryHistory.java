package com.mcpist.origin.memory;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one user's memories were before they were changed. It counts as stored, so of each memory
 * only the newest versions are kept; of those the origins delete the ones of 30 days ago.
 */
record MemoryHistory(Handle handle, String user) {
  private static final int LIST_LIMIT = 10;
  private static final int EXCERPT_LENGTH = 500;
  private static final int MOST_OF_A_MEMORY = 50;
  private static final int MOST_CLEANED = 500;
  private static final TimeBasedEpochGenerator VERSIONS = Generators.timeBasedEpochGenerator();

  /** Takes the memory, and keeps it, in one statement: nothing comes between. */
  private static final String KEEP =
      """
      with old as ($old),
      kept as (
        insert into memory_history (version, user_id, memory_id, title, text, tags, created_at,
          updated_at, changed_at, deleted)
        select :version, :user, id, title, text, tags, created_at, updated_at, now(), :deleted
        from old),
      dropped as (
        delete from memory_history where user_id = :user and version = (
          select version from memory_history
          where memory_id = :id and user_id = :user and exists (select from old)
          order by version desc offset :most limit 1))
      select * from old
      """;

  private static final String LOCK =
      "select "
          + MemoryStore.COLUMNS
          + " from memory where id = :id and user_id = :user for update";

  private static final String DELETE =
      "delete from memory where id = :id and user_id = :user returning " + MemoryStore.COLUMNS;

  private static final String LIST =
      """
      select version, changed_at, deleted, memory_id as id, title, text, tags, created_at, updated_at
      from memory_history
      where user_id = :user and $memory version < :before
      order by version desc limit :limit
      """;

  private static final UUID END = new UUID(-1, -1);

  /** A memory as it was, until when, and whether it was deleted then. */
  record Version(UUID id, Memory memory, Instant changedAt, boolean deleted) {
    ObjectNode json(boolean whole) {
      ObjectNode json = memory.summary().put("version", id.toString());
      json.put("changedAt", changedAt.toString()).put("deleted", deleted);
      return json.put(whole ? "text" : "excerpt", whole ? memory.text() : excerpt());
    }

    private String excerpt() {
      String text = memory.text();
      int length = Math.min(EXCERPT_LENGTH, text.codePointCount(0, text.length()));
      String cut = text.substring(0, text.offsetByCodePoints(0, length));
      return cut.length() < text.length() ? cut + "…" : cut;
    }

    String line() {
      return "- %s %s: %s (version %s)"
          .formatted(deleted ? "deleted" : "changed", changedAt, memory.line(), id);
    }
  }

  static MemoryHistory of(ToolCall call) {
    return new MemoryHistory(call.database(), call.attempt().key().user());
  }

  /** Locks a memory that is about to be updated, and keeps it as it is. */
  Optional<Memory> keep(UUID id) {
    return keep(LOCK, id, false);
  }

  /** Deletes a memory, and keeps it as it was. */
  boolean delete(UUID id) {
    return keep(DELETE, id, true).isPresent();
  }

  private Optional<Memory> keep(String old, UUID id, boolean deleted) {
    return handle
        .createQuery(KEEP.replace("$old", old))
        .bind("version", VERSIONS.generate())
        .bind("id", id)
        .bind("user", user)
        .bind("deleted", deleted)
        // Beside the one that the statement adds, which it does not see.
        .bind("most", MOST_OF_A_MEMORY - 1)
        .map(MemoryStore::read)
        .findOne();
  }

  /** Deletes what is kept of a memory, and tells whether there was anything. */
  boolean forget(UUID id) {
    return handle
            .createUpdate("delete from memory_history where memory_id = :id and user_id = :user")
            .bind("id", id)
            .bind("user", user)
            .execute()
        > 0;
  }

  /**
   * Deletes some of what is too old, whosever it is, and empties the pending list of the index of
   * keys. Returns whether there may be more to delete.
   */
  static boolean clean(Handle handle) {
    return handle
            .createQuery("select memory_clean(:most)")
            .bind("most", MOST_CLEANED)
            .mapTo(Integer.class)
            .one()
        == MOST_CLEANED;
  }

  /** The latest changes first, of that memory or of all. */
  private List<Version> list(@Nullable UUID memory, @Nullable UUID before, int limit) {
    try (var query =
        handle.createQuery(LIST.replace("$memory", memory == null ? "" : "memory_id = :id and"))) {
      query.bind("user", user).bind("before", before == null ? END : before).bind("limit", limit);
      if (memory != null) {
        query.bind("id", memory);
      }
      return query.map(MemoryHistory::read).list();
    }
  }

  private Version version(UUID version) throws ToolException {
    return handle
        .createQuery(
            """
            select version, changed_at, deleted, memory_id as id, title, text, tags, created_at,
              updated_at
            from memory_history where version = :version and user_id = :user
            """)
        .bind("version", version)
        .bind("user", user)
        .map(MemoryHistory::read)
        .findOne()
        .orElseThrow(
            () ->
                new ToolException(
                    "There is no such version. Versions are kept for 30 days, the newest "
                        + MOST_OF_A_MEMORY
                        + " of a memory; memory_history shows those there are."));
  }

  private static Version read(ResultSet row, StatementContext context) throws SQLException {
    return new Version(
        row.getObject("version", UUID.class),
        MemoryStore.read(row, context),
        row.getObject("changed_at", OffsetDateTime.class).toInstant(),
        row.getBoolean("deleted"));
  }

  /** The tool memory_history. */
  static ToolResult show(ToolCall call) throws ToolException {
    ObjectNode arguments = call.arguments();
    ObjectNode structured = JsonNodeFactory.instance.objectNode();
    ArrayNode versions = structured.putArray("versions");
    if (arguments.has("version")) {
      Version version = of(call).version(versionId(arguments, "version"));
      versions.add(version.json(true));
      return ToolResult.of(structured, version.line() + "\n\n" + version.memory().text());
    }
    @Nullable UUID memory = arguments.has("id") ? memoryId(arguments) : null;
    @Nullable UUID before = arguments.has("before") ? versionId(arguments, "before") : null;
    int limit = arguments.path("limit").asInt(LIST_LIMIT);
    List<Version> found = of(call).list(memory, before, limit);
    found.forEach(version -> versions.add(version.json(false)));
    String text =
        found.isEmpty()
            ? "Nothing was changed or deleted in the last 30 days"
                + (before == null ? "." : " before that.")
            : found.stream()
                .map(version -> version.line() + "\n  " + version.excerpt())
                .collect(Collectors.joining("\n"));
    return ToolResult.of(structured, text);
  }

  /** The tool memory_restore. */
  static ToolResult restore(ToolCall call, Instant now) throws ToolException {
    MemoryHistory history = of(call);
    Memory old = history.version(versionId(call.arguments(), "version")).memory();
    Memory memory = new Memory(old.id(), old.title(), old.text(), old.tags(), old.createdAt(), now);
    MemoryStore store = new MemoryStore(history.handle(), history.user());
    if (history.keep(memory.id()).isPresent()) {
      store.update(memory, null);
    } else {
      store.insert(memory, null);
    }
    return ToolResult.of(memory.summary(), "Restored: " + memory.line());
  }

  private static UUID memoryId(ObjectNode arguments) throws ToolException {
    return Arguments.uuid(arguments, "id", "a memory", "memory_history");
  }

  private static UUID versionId(ObjectNode arguments, String name) throws ToolException {
    return Arguments.uuid(arguments, name, "a version", "memory_history");
  }
}
