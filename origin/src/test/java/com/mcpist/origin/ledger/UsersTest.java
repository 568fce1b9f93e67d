package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolResult;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two users, on one connection of an origin, by tools whose statements never ask whose a row is:
 * row-level security alone keeps them apart.
 */
final class UsersTest {
  private static final List<String> USERS = List.of("ann", "o'bob\\");
  private static LedgerDatabase database;
  private static LedgerOrigin origin;

  private static final Tool SAVES =
      tool(
          Effect.WRITES_DATABASE,
          c -> {
            insert(c.database(), c.attempt().key().user(), c.arguments().path("text").asString());
            return ToolResult.text("saved");
          });

  private static final Tool DELETES =
      tool(
          Effect.WRITES_DATABASE,
          c -> ToolResult.text("" + c.database().createUpdate("delete from memory").execute()));

  private static final Tool RETITLES =
      tool(
          Effect.WRITES_DATABASE,
          c ->
              ToolResult.text(
                  ""
                      + c.database()
                          .createUpdate("update memory set title = title || '!'")
                          .execute()));

  private static final Tool READS = reading(Effect.READS);
  private static final Tool READS_IN_A_WRITE = reading(Effect.WRITES_DATABASE);

  private static Tool reading(Effect effect) {
    return tool(effect, c -> ToolResult.text(titles(c.database()) + " " + titles(c.database())));
  }

  private static List<String> titles(Handle handle) {
    return handle.createQuery("select title from memory order by title").mapTo(String.class).list();
  }

  private static void insert(Handle handle, String user, String title) {
    handle
        .createUpdate(
            """
            insert into memory (id, user_id, title, text, tags, keys, marks, analysis, created_at,
              updated_at)
            values (gen_random_uuid(), ?, ?, '', '{}', '{1}', '{}', 1, now(), now())
            """)
        .bind(0, user)
        .bind(1, title)
        .execute();
  }

  @BeforeAll
  @BeforeContainer
  static void start() throws SQLException {
    database = LedgerDatabase.create();
    origin = LedgerOrigin.on(database.url(), 1);
  }

  @AfterAll
  @AfterContainer
  static void stop() throws SQLException {
    origin.close();
    database.close();
  }

  record Step(String user, Tool tool, String text) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Step> step =
        Combinators.combine(
                Arbitraries.of(USERS),
                Arbitraries.of(SAVES, SAVES, DELETES, RETITLES, READS, READS_IN_A_WRITE),
                Arbitraries.strings().alpha().ofLength(4))
            .as(Step::new);
    return step.list().ofMinSize(4).ofMaxSize(25);
  }

  @Property(tries = 40)
  void whateverTheirOrderEachSeesAndChangesItsOwn(@ForAll("steps") List<Step> steps)
      throws Exception {
    Map<String, TreeSet<String>> model = new TreeMap<>();
    for (String user : USERS) {
      model.put(user, new TreeSet<>());
      run(user, DELETES, "");
    }
    int number = 0;
    for (Step step : steps) {
      TreeSet<String> own = Objects.requireNonNull(model.get(step.user()));
      String text = step.text() + number++;
      String said = run(step.user(), step.tool(), text);
      if (step.tool().equals(SAVES)) {
        own.add(text);
      } else if (step.tool().equals(DELETES)) {
        assertThat(said).isEqualTo("" + own.size());
        own.clear();
      } else if (step.tool().equals(RETITLES)) {
        assertThat(said).isEqualTo("" + own.size());
        model.put(
            step.user(),
            own.stream().map(t -> t + "!").collect(TreeSet::new, TreeSet::add, TreeSet::addAll));
      } else {
        assertThat(said).isEqualTo(List.copyOf(own) + " " + List.copyOf(own));
      }
    }
  }

  private static String run(String user, Tool tool, String text) throws Exception {
    ToolResult result = origin.run(tool, TestInvocation.first().user(user).text(text));
    return result.content().getFirst().path("text").asString();
  }

  @Test
  void whatIsAnothersCannotBeWritten() {
    Tool forges =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              insert(c.database(), USERS.getLast(), "from ann");
              return ToolResult.text("forged");
            });
    Tool gives =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              insert(c.database(), "ann", "to give");
              c.database().execute("update memory set user_id = ?", USERS.getLast());
              return ToolResult.text("given");
            });

    for (Tool tool : List.of(forges, gives)) {
      assertThatThrownBy(() -> run("ann", tool, ""))
          .hasMessageContaining("violates row-level security policy");
    }
  }

  @Test
  void resultsAreTheirUsersToo() throws Exception {
    Tool tells = tool(Effect.WRITES_DATABASE, c -> ToolResult.text("the secret of ann"));
    origin.run(tells, TestInvocation.first().user("ann"));
    Tool looks =
        tool(
            Effect.READS,
            c ->
                ToolResult.text(
                    ""
                        + c.database()
                            .createQuery(
                                "select result from tool_call where result like '%secret%'")
                            .mapTo(String.class)
                            .list()
                            .size()));
    Tool wipes =
        tool(
            Effect.WRITES_DATABASE,
            c ->
                ToolResult.text(
                    ""
                        + c.database()
                            .createUpdate("delete from tool_call where result like '%secret%'")
                            .execute()));

    assertThat(run(USERS.getLast(), looks, "")).isEqualTo("0");
    assertThat(run(USERS.getLast(), wipes, "")).isEqualTo("0");
    assertThat(run("ann", looks, "")).isEqualTo("1");
    assertThat(run("ann", wipes, "")).isEqualTo("1");
  }

  @Test
  void whatMemoriesWereIsTheirUsersToo() throws Exception {
    Tool keeps =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              keep(c.database(), c.arguments().path("text").asString());
              return ToolResult.text("kept");
            });
    Tool wipes =
        tool(
            Effect.WRITES_DATABASE,
            c ->
                ToolResult.text(
                    "" + c.database().createUpdate("delete from memory_history").execute()));
    run("ann", keeps, "ann");

    assertThatThrownBy(() -> run(USERS.getLast(), keeps, "ann"))
        .hasMessageContaining("violates row-level security policy");
    assertThat(run(USERS.getLast(), wipes, "")).isEqualTo("0");
    assertThat(run("ann", wipes, "")).isEqualTo("1");
  }

  private static void keep(Handle handle, String user) {
    handle.execute(
        """
        insert into memory_history (version, user_id, memory_id, title, text, tags, created_at,
          updated_at, changed_at, deleted)
        values (gen_random_uuid(), ?, gen_random_uuid(), '', '', '{}', now(), now(), now(), true)
        """,
        user);
  }

  @Test
  void aToolThatTakesAnothersNameCannotRecordItsCall() {
    Tool disguised =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              c.database()
                  .createQuery("select set_config('mcpist.user_id', ?, true)")
                  .bind(0, USERS.getLast())
                  .mapTo(String.class)
                  .one();
              return ToolResult.text("in disguise");
            });

    assertThatThrownBy(() -> run("ann", disguised, ""))
        .hasMessageContaining("violates row-level security policy");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select title from memory",
        "update memory set title = ''",
        "delete from tool_call",
        "select memory_find('{0}', '{t}', '{1}', '{\"{1}\"}', '{}', 5, false, 10, 10)",
        "select memory_list('{1}', null, 10)",
        "select memory_nearest(gen_random_uuid(), '{1}', '{1}', false)",
        "select title from memory_history",
        "delete from memory_history"
      })
  void withoutAUserThereIsNothingButAnError(String sql) throws Exception {
    run("ann", SAVES, "of ann");
    try (Handle handle = Jdbi.create(jdbc()).open()) {
      for (String named : List.of("reset mcpist.user_id", "set mcpist.user_id = ''")) {
        handle.execute(named);
        assertThatThrownBy(() -> handle.execute(sql))
            .hasMessageContaining("This transaction has named no user")
            .as("for another origin to try")
            .satisfies(e -> assertThat(Failure.of(e)).isEqualTo(Failure.ATTEMPT));
      }
    }
  }

  private static String jdbc() {
    return "jdbc:postgresql://127.0.0.1:"
        + database.server().port()
        + "/"
        + database.server().name()
        + "?user=mcpist";
  }
}
