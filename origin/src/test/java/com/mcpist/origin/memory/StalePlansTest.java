package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.ModuleClient;
import com.mcpist.testkit.Conditions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sessions keep plans that they made while tables were empty. */
@Tag("long")
final class StalePlansTest {
  /** Often enough for each session of the pool to have settled on a plan. */
  private static final int SETTLED = 120;

  private static final int MEASURED = 15;
  private static final Duration NOISE = Duration.ofMillis(3);
  private static final IndexKeys KEYS = new IndexKeys("ann");

  @Test
  void theyDoForLargeOnes() throws Exception {
    try (ModuleClient client = ModuleClient.start(new MemoryModule(InstantSource.system()));
        Handle session = client.jdbi().open()) {
      session.execute("update plan set storage_mib = 100000");
      for (String table : List.of("memory", "tool_call", "undelivered", "stored")) {
        session.execute("alter table " + table + " set (autovacuum_enabled = off)");
        session.execute("vacuum analyze " + table);
      }
      Map<String, Callable<?>> statements = statements(client.as("ann"), session);
      for (Callable<?> statement : statements.values()) {
        for (int i = 0; i < SETTLED; i++) {
          statement.call();
        }
      }
      fill(session);
      foldStoredRows(session);
      Map<String, Duration> stale = measure(statements);
      session.execute("analyze");
      Map<String, Duration> fresh = measure(statements);

      System.out.println("before analyze: " + stale + "\nafter analyze: " + fresh);
      fresh.forEach(
          (name, time) ->
              assertThat(stale.get(name)).as(name).isLessThan(time.multipliedBy(10).plus(NOISE)));
    }
  }

  private static Map<String, Callable<?>> statements(ModuleClient ann, Handle session)
      throws Exception {
    String id = ann.call("memory_save", "title", "Kept", "text", "kept").path("id").asString();
    Map<String, Callable<?>> all = new LinkedHashMap<>();
    for (String query : List.of("rare", "common", "middling", "rare common", "\"common words\"")) {
      all.put("search " + query, () -> ann.call("memory_search", "query", query));
    }
    all.put("search newest", () -> ann.call("memory_search", "query", "common", "order", "newest"));
    all.put(
        "search tagged", () -> ann.call("memory_search", "query", "rare", "tags", List.of("all")));
    all.put("list", () -> ann.call("memory_list"));
    for (String tag : List.of("all", "few")) {
      all.put("list tagged " + tag, () -> ann.call("memory_list", "tags", List.of(tag)));
    }
    all.put("get", () -> ann.call("memory_get", "id", id));
    all.put("update", () -> ann.call("memory_update", "id", id, "text", "changed"));
    all.put("save", () -> ann.call("memory_save", "title", "Another", "text", "common and rare"));
    all.put("delete", () -> delete(ann));
    for (String upkeep :
        List.of(
            "ledger_clean(500)",
            "ledger_renew(array[gen_random_uuid()], 1000)",
            "ledger_hold(gen_random_uuid(), 1000, null)",
            "ledger_is_recorded('ann', false, '" + id + "', 0)",
            "stored_fold()",
            "memory_outdated(1, 50)")) {
      all.put(upkeep, () -> session.createQuery("select " + upkeep).mapToMap().list());
    }
    return all;
  }

  private static Object delete(ModuleClient ann) throws Exception {
    String id = ann.call("memory_save", "title", "Gone", "text", "gone").path("id").asString();
    return ann.call("memory_delete", "id", id);
  }

  /** A hundred thousand rows of this user and of others in each table. */
  private static void fill(Handle session) {
    session
        .createUpdate(
            """
            insert into memory (id, user_id, title, text, tags, keys, marks, analysis, created_at, updated_at)
            select gen_random_uuid(), case when n % 10 = 0 then 'bob' else 'ann' end, 'title ' || n,
              'common words', '{all}',
              (select array_agg(distinct key order by key) from unnest(
                array[:common, :words, :all, 16777216 + n, 33600000 + n % 977]
                || case when n % 64 = 0 then array[:commonSample, :allSample, :sample] end
                || case when n % 50 = 1 then array[:middling] end
                || case when n < 20 then array[:rare, :few] end) as key),
              array[n, n + 100000], 1, now(), now()
            from generate_series(1, 100000) as n
            """)
        .bind("common", word("common"))
        .bind("words", word("word"))
        .bind("rare", word("rare"))
        .bind("middling", word("middl"))
        .bind("all", tag("all"))
        .bind("few", tag("few"))
        .bind("commonSample", word("common") + (3 << 24))
        .bind("allSample", tag("all") + (1 << 24))
        .bind("sample", KEYS.every() + (3 << 24))
        .execute();
    session.execute(
        """
        insert into tool_call (user_id, from_client, call_id, call_index, tool, arguments_hash,
          attempt, instance, result, expires_at)
        select 'ann', false, 'call ' || n, 0, 'memory_save', 'hash', 1, 'test', 'result',
          now() + interval '1 day' from generate_series(1, 100000) as n
        """);
    session.execute(
        """
        insert into undelivered
        select 'ann', 'memory_save', 'hash ' || n, 'call', 0, '{}', null, now() + interval '1 day'
        from generate_series(1, 100000) as n
        """);
    session.execute(
        "insert into stored select 'user ' || n, 'memory', 1, null from generate_series(1, 100000)"
            + " as n");
  }

  /**
   * Folds the rows of {@code stored} that {@link #fill} has added, as origins do every 2 s and
   * after 50 calls. Each write of a user reads that user's rows that are not folded yet, so a
   * hundred thousand of them would hide what the query plans cost.
   */
  private static void foldStoredRows(Handle session) {
    Conditions.await(
        "the rows of stored are folded",
        () -> {
          session.createQuery("select stored_fold()").mapToMap().list();
          return session
              .createQuery("select not exists (select from stored where xid is not null)")
              .mapTo(Boolean.class)
              .one();
        });
  }

  private static int word(String word) {
    return KEYS.words(List.of(word))[0];
  }

  private static int tag(String tag) {
    return KEYS.tags(List.of(tag))[0];
  }

  private static Map<String, Duration> measure(Map<String, Callable<?>> statements)
      throws Exception {
    Map<String, Duration> fastest = new LinkedHashMap<>();
    for (Map.Entry<String, Callable<?>> statement : statements.entrySet()) {
      long least = Long.MAX_VALUE;
      for (int i = 0; i < MEASURED; i++) {
        long began = System.nanoTime();
        statement.getValue().call();
        least = Math.min(least, System.nanoTime() - began);
      }
      fastest.put(statement.getKey(), Duration.ofNanos(least));
    }
    return fastest;
  }
}
