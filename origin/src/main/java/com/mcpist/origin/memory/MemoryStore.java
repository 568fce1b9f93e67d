package com.mcpist.origin.memory;

import com.mcpist.origin.memory.IndexKeys.Kind;
import com.mcpist.origin.memory.SearchQuery.Alternative;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One user's memories. Every statement names the user, and row-level security holds each to the
 * user that its transaction has named.
 */
final class MemoryStore {
  private static final String COLUMNS = "id, title, text, tags, created_at, updated_at";

  /** The memories that a function of R__memory.sql finds, with their place in its answer. */
  private static final String FOUND =
      "select memory.*%s from %s with ordinality as found cross join lateral (select "
          + COLUMNS
          + " from memory where id = found.id and user_id = :user limit 1) as memory ";

  private static final String SEARCH =
      FOUND.formatted(
          ", found.found",
          "memory_find(:units, :own, :weights, :words, :samples, :titles, :strong, :tags, :sample,"
              + " :smallSample, :newest, :each, :most)");

  /** The title, the tags and the text as {@link SearchText#normalise} has them, about. */
  private static final String HAS_PHRASES =
      """
      where not exists (
        select from unnest(:phrases) as phrase
        where strpos(regexp_replace(
          lower(normalize(concat_ws(chr(10), title, array_to_string(tags, chr(10)), text), nfkc)
            collate pg_c_utf8),
          '[[:space:]]+', ' ', 'g'), phrase) = 0)
      """;

  /** All own rows of a search that are looked at for a unit, shared by its alternatives. */
  private static final int MOST_ROWS = 3000;

  private static final int MOST_ROWS_EACH = 200;

  private final Handle handle;
  private final String user;
  private final IndexKeys keys;

  MemoryStore(Handle handle, String user) {
    this.handle = handle;
    this.user = user;
    this.keys = new IndexKeys(user);
  }

  /** Gives one that is nearly the same, if there is one. */
  Optional<Memory> insert(Memory memory) {
    return write(
        """
        insert into memory (id, user_id, title, text, tags, keys, analysis, created_at, updated_at)
        values (:id, :user, :title, :text, :tags, :keys, :analysis, :created, :updated)
        """,
        memory);
  }

  /** Gives another one that is nearly the same, if there is one. */
  Optional<Memory> update(Memory memory) {
    return write(
        """
        update memory set title = :title, text = :text, tags = :tags, keys = :keys,
          analysis = :analysis, created_at = :created, updated_at = :updated
        where id = :id and user_id = :user
        """,
        memory);
  }

  private Optional<Memory> write(String change, Memory memory) {
    IndexKeys.Of index = keys.memory(memory);
    String sql =
        "with written as ("
            + change
            + ") "
            + FOUND.formatted("", "memory_similar(:id, :keys, :marks)");
    try (var query = handle.createQuery(sql)) {
      bindTexts(query, "tags", memory.tags());
      bindNumbers(query, "keys", index.keys());
      bindNumbers(query, "marks", index.marks());
      return query
          .bind("id", memory.id())
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

  /** Keeps others from changing it until this transaction ends. */
  Optional<Memory> getForUpdate(UUID id) {
    return find(id, " for update");
  }

  private Optional<Memory> find(UUID id, String lock) {
    return handle
        .createQuery("select " + COLUMNS + " from memory where id = :id and user_id = :user" + lock)
        .bind("id", id)
        .bind("user", user)
        .map(MemoryStore::read)
        .findOne();
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
    String all =
        "select "
            + COLUMNS
            + " from memory where user_id = :user"
            + (after == null ? "" : " and id < :after")
            + " order by id desc limit :limit";
    String tagged =
        FOUND.formatted("", "memory_tagged(:tags, :sample, cast(:after as uuid), :limit)")
            + "order by ordinality";
    try (var query = handle.createQuery(tags.isEmpty() ? all : tagged)) {
      query.bind("user", user).bind("limit", limit);
      if (after != null || !tags.isEmpty()) {
        query.bind("after", after);
      }
      if (!tags.isEmpty()) {
        bindNumbers(query, "tags", keys.tags(tags));
        query.bind("sample", keys.tagSample(tags.getFirst()));
      }
      return query.map(MemoryStore::read).list();
    }
  }

  /** Memories in the order that was asked for, and which units of the query are in any. */
  Found search(SearchQuery asked, List<String> tags, boolean best, int limit) {
    List<Alternative> words = asked.alternatives();
    if (words.isEmpty()) {
      return new Found(List.of(), Set.of());
    }
    boolean phrases = !asked.phrases().isEmpty();
    String sql = SEARCH + (phrases ? HAS_PHRASES : "") + "order by ordinality limit :limit";
    try (var query = handle.createQuery(sql)) {
      bindNumbers(query, "units", words.stream().mapToInt(Alternative::unit).toArray());
      bindArray(query, "own", "bool", words.stream().map(Alternative::own).toArray());
      bindArray(query, "weights", "float4", words.stream().map(w -> (float) w.weight()).toArray());
      bindArray(query, "words", "text", literals(Kind.WORD, words));
      bindArray(query, "samples", "text", literals(Kind.SAMPLE, words));
      bindArray(query, "titles", "int4", ofOne(Kind.TITLE, words));
      bindArray(query, "strong", "int4", ofOne(Kind.STRONG, words));
      bindNumbers(query, "tags", keys.tags(tags));
      if (phrases) {
        bindTexts(query, "phrases", asked.phrases());
      }
      Set<Integer> units = new HashSet<>();
      List<Memory> memories =
          query
              .bind("sample", keys.of(Kind.SAMPLE, IndexKeys.EVERY))
              .bind("smallSample", keys.of(Kind.SMALL_SAMPLE, IndexKeys.EVERY))
              .bind("newest", !best)
              .bind("each", Math.min(MOST_ROWS_EACH, MOST_ROWS / words.size()))
              .bind("most", phrases ? MOST_ROWS_EACH : limit)
              .bind("user", user)
              .bind("limit", limit)
              .map(
                  (row, context) -> {
                    Array found = row.getArray("found");
                    if (found != null) {
                      units.addAll(List.of((Integer[]) found.getArray()));
                    }
                    return read(row, context);
                  })
              .list();
      return new Found(memories, units);
    }
  }

  record Found(List<Memory> memories, Set<Integer> units) {}

  private Object[] literals(Kind kind, List<Alternative> words) {
    return words.stream()
        .map(word -> Arrays.toString(keys.of(kind, word.lexemes())))
        .map(list -> "{" + list.substring(1, list.length() - 1) + "}")
        .toArray();
  }

  /** What a word of the user's that is one has where it stands out. */
  private Object[] ofOne(Kind kind, List<Alternative> words) {
    return words.stream()
        .map(w -> w.own() && w.lexemes().size() == 1 ? keys.of(kind, w.lexemes().getFirst()) : null)
        .toArray(Integer[]::new);
  }

  private static void bindTexts(SqlStatement<?> statement, String name, Collection<String> texts) {
    statement.bindArray(name, String.class, (Object[]) texts.toArray(String[]::new));
  }

  private void bindNumbers(SqlStatement<?> statement, String name, int[] numbers) {
    bindArray(statement, name, "int4", Arrays.stream(numbers).boxed().toArray());
  }

  private void bindArray(SqlStatement<?> statement, String name, String type, Object[] elements) {
    try {
      Array array = handle.getConnection().createArrayOf(type, elements);
      statement.bindBySqlType(name, array, Types.ARRAY);
    } catch (SQLException e) {
      throw new IllegalStateException("The connection makes no arrays", e);
    }
  }

  private static Memory read(ResultSet row, StatementContext context) throws SQLException {
    return new Memory(
        row.getObject("id", UUID.class),
        row.getString("title"),
        row.getString("text"),
        List.of((String[]) row.getArray("tags").getArray()),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  record Memory(
      UUID id, String title, String text, List<String> tags, Instant createdAt, Instant updatedAt) {
    ObjectNode summary() {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.put("id", id.toString()).put("title", title);
      tags.forEach(node.putArray("tags")::add);
      return node.put("createdAt", createdAt.toString()).put("updatedAt", updatedAt.toString());
    }

    ObjectNode whole() {
      return summary().put("text", text);
    }

    String line() {
      String tagged = tags.isEmpty() ? "" : " [" + String.join(", ", tags) + "]";
      return title + tagged + " (id " + id + ", saved " + createdAt + ")";
    }
  }
}
