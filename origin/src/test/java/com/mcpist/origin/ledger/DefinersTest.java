package com.mcpist.origin.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What runs as the owner (SECURITY DEFINER) uses nothing that somebody has put beside the tables.
 */
final class DefinersTest {
  private LedgerDatabase database;

  @BeforeEach
  void start() throws SQLException {
    database = LedgerDatabase.create();
    database
        .jdbi()
        .useHandle(
            h -> {
              trap(h, "hashtextextended", "text, integer", "bigint");
              trap(h, "concat_ws", "text, text, boolean, text, integer", "text");
              trap(h, "pg_terminate_backend", "integer", "boolean");
              trap(h, "concat", "text, text, text, text", "text");
              trap(h, "array_to_string", "text[], text", "text");
              trap(h, "cardinality", "text[]", "integer");
              operator(h, "@>", "text[]", "text[]", "boolean");
              operator(h, "<", "integer[]", "integer[]", "boolean");
              operator(h, "*", "integer", "interval", "interval");
              trap(h, "array_agg", "bigint", "bigint[]");
              trap(h, "unnest", "text[]", "setof text");
              trap(h, "split_part", "text, text, integer", "text");
              operator(h, "@>", "integer[]", "integer[]", "boolean");
              operator(h, "&&", "integer[]", "integer[]", "boolean");
              trap(h, "width_bucket", "integer, integer[]", "integer");
            });
  }

  private static void operator(Handle h, String name, String left, String right, String result) {
    String function = trap(h, "trap_of_" + name.codePointAt(0), left + ", " + right, result);
    h.execute(
        "create operator public.%s (function = %s, leftarg = %s, rightarg = %s)"
            .formatted(name, function, left, right));
  }

  private static String trap(Handle h, String name, String takes, String gives) {
    h.execute(
        ("create function public.%s(%s) returns %s language plpgsql as"
                + " $$ begin raise exception 'led astray'; end $$")
            .formatted(name, takes, gives));
    return "public." + name;
  }

  @AfterEach
  void stop() throws SQLException {
    database.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select count(*) from memory_find('{0}', '{t}', '{1}', '{\"{1}\"}', '{}', 5, false, 10,"
            + " 10)",
        "select count(*) from memory_list('{1}', null, 10)",
        "select count(*) from memory_nearest(gen_random_uuid(), '{1}', '{1}', false)",
        "select count(*) from memory_outdated(2, 10)",
        "select count(*) from ledger_renew('{019b0000-0000-7000-8000-000000000000}', 1000)",
        "select ledger_hold('019b0000-0000-7000-8000-000000000000', 1, null)",
        "select ledger_clean(10)",
        "select count(*) from ledger_find('{c}', '')",
      })
  void aBetterMatchInTheTablesSchemaIsNotTaken(String call) {
    database
        .jdbi()
        .useHandle(
            h -> {
              h.execute(
                  "insert into tool_call (user_id, from_client, call_id, call_index, tool,"
                      + " arguments_hash, attempt, instance, claim, lease_until, expires_at)"
                      + " values ('ann', false, 'c', 0, 't', 'h', 1, 'i',"
                      + " '019b0000-0000-7000-8000-000000000000',"
                      + " now() - interval '1 day', now() - interval '1 hour')");
              h.execute(
                  "insert into memory (id, user_id, title, text, tags, keys, marks, analysis,"
                      + " created_at, updated_at)"
                      + " values (gen_random_uuid(), 'ann', '', '', '{}', '{1}', '{}', 1,"
                      + " now(), now())");
            });
    try (Handle handle = asOrigin()) {
      handle.execute("set mcpist.user_id = 'ann'");
      handle.execute("update memory set title = 'a'");
      handle.execute(
          "insert into memory select gen_random_uuid(), user_id, title, text, tags, '{}', '{}', 1,"
              + " created_at, updated_at from memory");
      handle.execute("delete from memory where keys = '{}'");
      assertThat(handle.createQuery(call).mapTo(Long.class).one()).isEqualTo(1);
    }
  }

  @Test
  void eachHasASearchPathOfItsOwn() {
    List<String> without =
        database
            .jdbi()
            .withHandle(
                h ->
                    h.createQuery(
                            "select proname from pg_proc where prosecdef and pronamespace ="
                                + " 'public'::regnamespace and coalesce(proconfig[1], '') <>"
                                + " 'search_path=pg_catalog, pg_temp'")
                        .mapTo(String.class)
                        .list());
    assertThat(without).isEmpty();
  }

  @Test
  void noneIsTakenToEndAnEarlierAttempt() {
    try (Handle earlier = asOrigin();
        Handle later = asOrigin()) {
      earlier.getConfig(Handles.class).setForceEndTransactions(false);
      earlier.begin();
      earlier
          .createQuery(
              "select state from ledger_enter('ann', false, 'c', 0, 1, 1, null, 5000, 5000, 5000,"
                  + " 't', 'h', 'c/0', null)")
          .mapTo(String.class)
          .one();
      later.execute("set mcpist.user_id = 'ann'");
      assertThat(
              later
                  .createQuery("select ledger_fence(false, 'c', 0, 2, 1)")
                  .mapTo(Boolean.class)
                  .one())
          .isTrue();
    }
  }

  private Handle asOrigin() {
    return Jdbi.create(database.server().jdbcUrl().replace("user=postgres", "user=mcpist")).open();
  }
}
