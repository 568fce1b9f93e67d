package com.mcpist.origin.memory;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
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
  private static final int PAGE_STEP = 20;

  static final String COLUMNS = "id, title, text, tags, created_at, updated_at";

  /** Those that contain every word: the index finds some too many. */
  private static final String MATCHES =
      """
      user_id = :user and id in (select memory_with_terms(:terms))
        and (select bool_and(strpos(search_text, word) > 0) from unnest(:words) word)
      """;

  /**
   * A word in the title or a tag counts as much as many in the text; of words in the text the first
   * few count. Only the newest thousand are ranked, and by their beginnings, so that a word that is
   * everywhere stays cheap.
   */
  private static final String BEST =
      "with matched as materialized (select "
          + COLUMNS
          + ", search_head, left(search_text, 4000) as beginning from memory where "
          + MATCHES
          + " order by id desc limit 1000) select "
          + COLUMNS
          + """
           from matched order by (
            select sum(
              case when strpos(search_head, word) > 0 then 10 else 0 end
              + 2 * ln(1 + (length(beginning) - length(replace(beginning, word, '')))
                  / length(word)::numeric))
            from unnest(:words) word) desc, id desc
          limit :limit\
          """;

  private static final String NEWEST =
      "select " + COLUMNS + " from memory where " + MATCHES + " order by id desc limit :limit";

  private final Handle handle;
  private final String user;

  MemoryStore(Handle handle, String user) {
    this.handle = handle;
    this.user = user;
  }

  /** Changes nothing where there is one of this id. */
  void insert(Memory memory) {
    bind(
            handle.createUpdate(
                """
                insert into memory (id, user_id, title, text, tags, search_head, search_text, terms,
                  created_at, updated_at)
                values (:id, :user, :title, :text, :tags, :head, :all, :terms, :created, :updated)
                on conflict do nothing
                """),
            memory)
        .execute();
  }

  void update(Memory memory) {
    bind(
            handle.createUpdate(
                """
                update memory set title = :title, text = :text, tags = :tags, search_head = :head,
                  search_text = :all, terms = :terms, created_at = :created, updated_at = :updated
                where id = :id and user_id = :user
                """),
            memory)
        .execute();
  }

  Optional<Memory> get(UUID id) {
    return handle
        .createQuery("select " + COLUMNS + " from memory where id = :id and user_id = :user")
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
  List<Memory> list(Collection<String> tags, @Nullable UUID after, int limit) {
    String sql =
        "select "
            + COLUMNS
            + " from memory where user_id = :user"
            + (after == null ? "" : " and id < :after")
            + (tags.isEmpty() ? "" : " and id in (select memory_with_terms(:terms))")
            + " order by id desc limit :limit";
    try (var query = handle.createQuery(sql).bind("user", user).bind("limit", limit)) {
      if (after != null) {
        query.bind("after", after);
      }
      if (!tags.isEmpty()) {
        bindTexts(query, "terms", SearchText.filter(user, tags));
      }
      return query.map(MemoryStore::read).list();
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

  List<Memory> search(List<String> words, Collection<String> tags, boolean best, int limit) {
    Set<String> terms = SearchText.filter(user, tags);
    terms.addAll(SearchText.of(words));
    try (var query = handle.createQuery(best ? BEST : NEWEST)) {
      query.bind("user", user).bind("limit", limit);
      bindTexts(query, "terms", terms);
      bindTexts(query, "words", words);
      return query.map(MemoryStore::read).list();
    }
  }

  private <S extends SqlStatement<S>> S bind(S statement, Memory memory) {
    String head = SearchText.normalise(memory.title() + "\n" + String.join("\n", memory.tags()));
    String all = SearchText.normalise(head + "\n" + memory.text());
    bindTexts(statement, "tags", memory.tags());
    bindTexts(statement, "terms", SearchText.terms(user, memory.tags(), all));
    return statement
        .bind("id", memory.id())
        .bind("user", user)
        .bind("title", memory.title())
        .bind("text", memory.text())
        .bind("head", head)
        .bind("all", all)
        .bind("created", memory.createdAt().atOffset(ZoneOffset.UTC))
        .bind("updated", memory.updatedAt().atOffset(ZoneOffset.UTC));
  }

  private static void bindTexts(SqlStatement<?> statement, String name, Collection<String> texts) {
    statement.bindArray(name, String.class, (Object[]) texts.toArray(String[]::new));
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
