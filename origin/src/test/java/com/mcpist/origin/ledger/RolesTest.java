package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.db.Database.LoginGate;
import com.mcpist.origin.db.SchemaKeeper;
import com.mcpist.origin.fixture.Logged;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A server as a vendor hands it out: the owner is no superuser and may make roles, and passwords
 * are asked for.
 */
final class RolesTest {
  private static final String OLD = "old p@ss'word\\ü";
  private static PostgresServer server;
  private static Jdbi admin;
  private static String owner;
  private static String old;
  private static String next;

  @BeforeAll
  static void start() throws IOException {
    server = PostgresServer.start();
    admin = Jdbi.create(server.dataSource());
    admin.useHandle(
        h -> {
          h.execute("create role app_owner login createrole createdb bypassrls password 'owner'");
          h.execute("create database app owner app_owner");
          Path hba = Path.of(h.createQuery("show hba_file").mapTo(String.class).one());
          List<String> lines = Files.readAllLines(hba);
          lines.addFirst("host app all 127.0.0.1/32 scram-sha-256");
          Files.write(hba, lines);
          h.execute("select pg_reload_conf()");
        });
    owner = url("app_owner", "owner");
    old = url("mcpist", "old%20p%40ss%27word%5C%C3%BC");
    next = url("mcpist_2027", "new");
    awaitReady(old);
    awaitReady(next);
    Jdbi.create(jdbc("app_owner"), "app_owner", "owner")
        .useHandle(
            h -> {
              h.execute("create table effect (call_id text, what text)");
              h.execute("grant select, insert on effect to mcpist_origin");
            });
  }

  private static void awaitReady(String url) {
    try (SchemaKeeper keeper =
        SchemaKeeper.start(
            TestSchema.config(url, owner, 1),
            new LoginGate(),
            e -> fail("The database must fit", e))) {
      Conditions.await("the role is made and good", () -> keeper.version().isPresent());
    }
  }

  private static String url(String user, String password) {
    return "postgres://" + user + ":" + password + "@127.0.0.1:" + server.port() + "/app";
  }

  private static String jdbc(String user) {
    return "jdbc:postgresql://127.0.0.1:" + server.port() + "/app?user=" + user;
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void theRoleThatIsMadeHasItsPasswordAndNothingElse() throws Exception {
    DriverManager.getConnection(jdbc("mcpist"), "mcpist", OLD).close();
    assertThatThrownBy(() -> DriverManager.getConnection(jdbc("mcpist"), "mcpist", "another"))
        .hasMessageContaining("password authentication failed");
    String stored =
        admin.withHandle(
            h ->
                h.createQuery("select rolpassword from pg_authid where rolname = 'mcpist'")
                    .mapTo(String.class)
                    .one());
    assertThat(stored).startsWith("SCRAM-SHA-256$");
    boolean nothingElse =
        admin.withHandle(
            h ->
                h.createQuery(
                        "select not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb"
                            + " or rolreplication) from pg_roles where rolname = 'mcpist'")
                    .mapTo(Boolean.class)
                    .one());
    assertThat(nothingElse).isTrue();
  }

  @Test
  void inARotationTheFenceWorksFromEachRoleToEachOther() throws Exception {
    for (List<String> two :
        List.of(
            List.of(old, next), List.of(next, old), List.of(owner, next), List.of(old, owner))) {
      try (LedgerOrigin hanging = LedgerOrigin.on(two.getFirst(), 1);
          LedgerOrigin working = LedgerOrigin.on(two.getLast(), 1)) {
        fences(hanging, working);
      }
    }
  }

  private static void fences(LedgerOrigin hanging, LedgerOrigin working) throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch woken = new CountDownLatch(1);
    Tool hangs =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              reached.countDown();
              woken.await();
              return ToolResult.text("hung");
            });
    Tool works =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              return ToolResult.text("worked");
            });
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> first = hanging.start(hangs, call);
    reached.await();

    assertThat(working.run(works, call.attempt(2))).isEqualTo(ToolResult.text("worked"));
    woken.countDown();

    assertThat(first.get()).isEqualTo(ToolResult.text("worked"));
  }

  @Test
  void theFenceEndsNobodysSessionsButThoseOfItsUsersCall() throws Exception {
    try (Handle ann = Jdbi.create(jdbc("mcpist"), "mcpist", OLD).open();
        Handle bob = Jdbi.create(jdbc("mcpist"), "mcpist", OLD).open()) {
      ann.begin();
      assertThat(enter(ann, "ann", 1)).isEqualTo("entered");
      bob.begin();
      // The same call id, and a later attempt: but another user's.
      assertThat(enter(bob, "bob", 9)).isEqualTo("entered");
      assertThat(
              bob.createQuery("select ledger_fence(false, 'the call', 0, 9, 1)")
                  .mapTo(Boolean.class)
                  .one())
          .isFalse();
      assertThat(ann.createQuery("select 1").mapTo(Integer.class).one()).isEqualTo(1);
      assertThatThrownBy(
              () ->
                  bob.execute(
                      "select pg_terminate_backend(pid) from pg_stat_activity where usename ="
                          + " 'app_owner' or usename = 'postgres'"))
          .hasMessageContaining("permission denied");
      ann.rollback();
      bob.rollback();
    }
  }

  private static String enter(Handle handle, String user, int attempt) {
    return handle
        .createQuery(
            "select state from ledger_enter(?, false, 'the call', 0, ?, 1, null, 5000, 30000,"
                + " 30000, 't', 'h', 'the call/0', null)")
        .bind(0, user)
        .bind(1, attempt)
        .mapTo(String.class)
        .one();
  }

  @Test
  void aPasswordThatIsNotTheRolesIsSaidAndNothingIsChanged() {
    String wrong = url("mcpist", "wrong");
    try (Logged logged = Logged.by(SchemaKeeper.class);
        SchemaKeeper keeper =
            SchemaKeeper.start(TestSchema.config(wrong, owner, 1), new LoginGate(), e -> {})) {
      logged.await("the role mcpist has another");
      assertThat(keeper.version()).isEmpty();
    }
  }

  @Test
  void anOwnerThatMayNotMakeRolesIsToldWhatToDo() {
    admin.useHandle(h -> h.execute("alter role app_owner nocreaterole"));
    String third = url("third", "x");
    try (Logged logged = Logged.by(SchemaKeeper.class);
        SchemaKeeper keeper =
            SchemaKeeper.start(TestSchema.config(third, owner, 1), new LoginGate(), e -> {})) {
      logged.await("cannot make the role third of DATABASE_URL");
      logged.await("CREATE ROLE third LOGIN");
      assertThat(keeper.version()).isEmpty();
    } finally {
      admin.useHandle(h -> h.execute("alter role app_owner createrole"));
    }
  }
}
