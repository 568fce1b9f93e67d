package com.mcpist.origin.memory;

import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.memory.Unit.Alternative;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * One user's memories. Every statement names the user, and row-level security holds each to the
 * user that its transaction has named.
 */
final class MemoryStore {
  private static final int PAGE_STEP = 20;

  static final String COLUMNS = "id, title, text, tags, created_at, updated_at";

  /** The memories that a function of R__memory.sql finds, with their place in its answer. */
  private static final String FOUND =
      "select memory.*%s from %s with ordinality as found cross join lateral (select "
          + COLUMNS
          + " from memory where id = found.id and user_id = :user limit 1) as memory ";

  /** One row: the memory that is nearly the same, and the marks to store. */
  private static final String NEAREST =
      "with nearest as materialized (select id, marks from memory_nearest(:id, :keys, :marks,"
          + " :alone))";

  private static final String LIST =
      FOUND.formatted("", "memory_list(:tags, cast(:after as uuid), :limit)")
          + "order by ordinality";

  private static final String SEARCH =
      FOUND.formatted(
          ", found.found, ordinality",
          "memory_find(:units, :own, :weights, :words, :tags, :every, :newest, :each, :most)");

  /** Those of a search in which phrases are looked for. */
  private static final String LOOKED_AT =
      """
      select * from (
        select searched.*,
          sum(octet_length(text)) over (order by ordinality) - octet_length(text) as before
        from (%s) as searched) as looked
      where before < :text
      """
          .formatted(SEARCH);

  /** The most rows that a search reads for all alternatives of its words. */
  private static final int MOST_ROWS = 2000;

  /**
   * The most rows that a search without phrases reads for one alternative, unless its caller asks
   * for more memories than this: a search of one word gives as many memories as have the word, up
   * to the limit of the caller.
   */
  private static final int FEWEST_ROWS_EACH = 32;

  /** The most rows that a search with phrases reads for one alternative. */
  private static final int MOST_ROWS_EACH_WITH_PHRASES = 64;

  /** What is looked at for a phrase, of those that have its words: so many, and bytes of text. */
  private static final int MOST_WITH_WORDS = 200;

  private static final int MOST_TEXT = 1 << 18;

  /** Small, so that a call seldom waits for it. */
  private static final int MOST_INDEXED = 50;

  private final Handle handle;
  private final String user;
  private final IndexKeys keys;

  MemoryStore(Handle handle, String user) {
    this.handle = handle;
    this.user = user;
    this.keys = new IndexKeys(user);
  }

  /**
   * Changes nothing where there is one of this id. Gives one that is nearly the same, if there is
   * one. {@code alone}: the call's result where there is none.
   */
  Optional<Memory> insert(Memory memory, @Nullable ToolResult alone) {
    return write(
        """
        insert into memory (id, user_id, title, text, tags, keys, marks, analysis, created_at,
          updated_at)
        values (:id, :user, :title, :text, :tags, :keys, (select marks from nearest), :analysis,
          :created, :updated)
        on conflict do nothing
        """,
        memory,
        alone);
  }

  /**
   * Gives another one that is nearly the same, if there is one. {@code alone}: the call's result
   * where there is none.
   */
  Optional<Memory> update(Memory memory, @Nullable ToolResult alone) {
    return write(
        """
        update memory set title = :title, text = :text, tags = :tags,
          keys = :keys, marks = (select marks from nearest), analysis = :analysis,
          created_at = :created, updated_at = :updated
        where id = :id and user_id = :user
        """,
        memory,
        alone);
  }

  private Optional<Memory> write(String change, Memory memory, @Nullable ToolResult alone) {
    String sql =
        NEAREST
            + ", written as ("
            + change
            + ") select memory.* from nearest cross join lateral (select "
            + COLUMNS
            + " from memory where id = nearest.id and user_id = :user limit 1) as memory";
    try (var query = handle.createQuery(sql)) {
      bindTexts(query, "tags", memory.tags());
      bindIndex(query, memory, alone);
      return query
          .define(ToolCall.LAST_STATEMENT, alone)
          .bind("user", user)
          .bind("title", memory.title())
          .bind("text", memory.text())
          .bind("analysis", Analyser.VERSION)
          .bind("created", memory.createdAt().atOffset(ZoneOffset.UTC))
          .bind("updated", memory.updatedAt().atOffset(ZoneOffset.UTC))
          .map(MemoryStore::read)
          .findOne();
    }
  }

  Optional<Memory> get(UUID id) {
    return find(id, "");
  }

  private Optional<Memory> find(UUID id, String lock) {
    return handle
        .createQuery("select " + COLUMNS + " from memory where id = :id and user_id = :user" + lock)
        .define(ToolCall.LAST_STATEMENT, true)
        .bind("id", id)
        .bind("user", user)
        .map(MemoryStore::read)
        .findOne();
  }

  /**
   * Makes the keys anew of some memories, whoever's, whose keys an older analyser has made. One
   * that a call is changing is left out. Returns whether there may be more.
   */
  static boolean indexAnew(Handle handle) {
    List<Map.Entry<String, UUID>> outdated =
        handle
            .createQuery("select user_id, id from memory_outdated(:analysis, :most)")
            .bind("analysis", Analyser.VERSION)
            .bind("most", MOST_INDEXED)
            .map((row, c) -> Map.entry(row.getString("user_id"), row.getObject("id", UUID.class)))
            .list();
    boolean any = false;
    for (Map.Entry<String, UUID> entry : outdated) {
      handle
          .createQuery("select set_config('mcpist.user_id', :user, true)")
          .bind("user", entry.getKey())
          .mapTo(String.class)
          .one();
      MemoryStore store = new MemoryStore(handle, entry.getKey());
      Optional<Memory> memory = store.find(entry.getValue(), " for update skip locked");
      memory.ifPresent(store::index);
      any |= memory.isPresent();
    }
    return any && outdated.size() == MOST_INDEXED;
  }

  private void index(Memory memory) {
    String sql =
        NEAREST
            + """
             update memory
             set keys = :keys, marks = (select marks from nearest), analysis = :analysis
             where id = :id and user_id = :user
            """;
    try (var update = handle.createUpdate(sql)) {
      bindIndex(update, memory, null);
      update.bind("analysis", Analyser.VERSION).bind("user", user).execute();
    }
  }

  /** {@code alone}: the result that is sent with it, null: none. */
  private void bindIndex(SqlStatement<?> statement, Memory memory, @Nullable ToolResult alone) {
    IndexKeys.Of index = keys.memory(memory);
    bindArray(statement, "keys", "int4", index.keys().toArray(Integer[]::new));
    bindArray(statement, "marks", "int4", index.marks().toArray(Integer[]::new));
    statement.bind("id", memory.id()).bind("alone", alone != null);
  }

  boolean delete(UUID id) {
    return handle
            .createUpdate("delete from memory where id = :id and user_id = :user")
            .bind("id", id)
            .bind("user", user)
            .execute()
        > 0;
  }

  /** The newest first, those after {@code after} where that is given. */
  List<Memory> list(List<String> tags, @Nullable UUID after, int limit) {
    try (var query = handle.createQuery(LIST)) {
      bindNumbers(query, "tags", keys.tags(tags));
      return query
          .bind("after", after)
          .bind("limit", limit)
          .bind("user", user)
          .map(MemoryStore::read)
          .list();
    }
  }

  /** As {@link #list}; it ends with the one that brings the texts to so many characters. */
  List<Memory> page(@Nullable UUID after, int characters) {
    List<Memory> page = new ArrayList<>();
    List<Memory> some;
    int length = 0;
    do {
      some = list(List.of(), page.isEmpty() ? after : page.getLast().id(), PAGE_STEP);
      for (Memory memory : some) {
        page.add(memory);
        length += memory.text().length();
        if (length >= characters) {
          return page;
        }
      }
    } while (some.size() == PAGE_STEP);
    return page;
  }

  /** Memories in the order that was asked for, and which units of the query are in any. */
  Found search(SearchQuery asked, List<String> tags, boolean best, int limit) {
    List<Alternative> words = asked.alternatives();
    if (words.isEmpty()) {
      return new Found(List.of(), Set.of(), OptionalInt.empty());
    }
    boolean phrases = !asked.phrases().isEmpty();
    String sql = (phrases ? LOOKED_AT : SEARCH) + "order by ordinality limit :most";
    try (var query = handle.createQuery(sql)) {
      bindNumbers(query, "units", words.stream().mapToInt(Alternative::unit).toArray());
      bindArray(query, "own", "bool", words.stream().map(Alternative::own).toArray(Boolean[]::new));
      bindArray(
          query,
          "weights",
          "float4",
          words.stream().map(w -> (float) w.weight()).toArray(Float[]::new));
      bindArray(query, "words", "text", words.stream().map(this::literal).toArray(String[]::new));
      bindNumbers(query, "tags", keys.tags(tags));
      if (phrases) {
        query.bind("text", MOST_TEXT);
      }
      Set<Integer> units = new HashSet<>();
      List<Memory> matches =
          query
              .define(ToolCall.LAST_STATEMENT, true)
              .bind("every", keys.every())
              .bind("newest", !best)
              .bind(
                  "each",
                  Math.min(
                      phrases ? MOST_ROWS_EACH_WITH_PHRASES : Math.max(FEWEST_ROWS_EACH, limit),
                      MOST_ROWS / words.size()))
              .bind("most", phrases ? MOST_WITH_WORDS : limit)
              .bind("user", user)
              .map(
                  (row, context) -> {
                    Array found = row.getArray("found");
                    if (found != null) {
                      units.addAll(List.of((Integer[]) found.getArray()));
                    }
                    return read(row, context);
                  })
              .list();
      List<Memory> memories =
          matches.stream().filter(memory -> memory.has(asked.phrases())).limit(limit).toList();
      boolean all = !phrases || (matches.size() < MOST_WITH_WORDS && bytes(matches) < MOST_TEXT);
      return new Found(memories, units, all ? OptionalInt.empty() : OptionalInt.of(matches.size()));
    }
  }

  private static int bytes(List<Memory> memories) {
    return memories.stream()
        .mapToInt(memory -> memory.text().getBytes(StandardCharsets.UTF_8).length)
        .sum();
  }

  /**
   * What a search finds.
   *
   * @param units which units of the query are in any memory
   * @param lookedAt in how many memories a phrase was looked for, if more may have its words
   */
  record Found(List<Memory> memories, Set<Integer> units, OptionalInt lookedAt) {}

  /** An array in an array need not be as long as the others, so it is a text. */
  private String literal(Alternative word) {
    return Arrays.stream(keys.words(word.lexemes()))
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static void bindTexts(SqlStatement<?> statement, String name, Collection<String> texts) {
    statement.bindArray(name, String.class, (Object[]) texts.toArray(String[]::new));
  }

  private void bindNumbers(SqlStatement<?> statement, String name, int[] numbers) {
    bindArray(statement, name, "int4", Arrays.stream(numbers).boxed().toArray(Integer[]::new));
  }

  private void bindArray(SqlStatement<?> statement, String name, String type, Object[] elements) {
    try {
      Array array = handle.getConnection().createArrayOf(type, elements);
      statement.bindBySqlType(name, array, Types.ARRAY);
    } catch (SQLException e) {
      throw new IllegalStateException("The connection makes no arrays", e);
    }
  }

  static Memory read(ResultSet row, StatementContext context) throws SQLException {
    return new Memory(
        row.getObject("id", UUID.class),
        row.getString("title"),
        row.getString("text"),
        List.of((String[]) row.getArray("tags").getArray()),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }
}
