package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.origin.db.Database.LoginGate;
import com.mcpist.origin.fixture.Logged;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An origin that could do more than its users' calls need does not start. */
final class RightsTest {
  private static TestDatabase database;
  private static Jdbi admin;

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    admin = Jdbi.create(database.dataSource());
    TestSchema.make(database);
  }

  @AfterAll
  static void stop() throws SQLException {
    database.close();
  }

  private static String as(String role) {
    return database.url().replace("postgres://postgres@", "postgres://" + role + "@");
  }

  private static UnusableDatabaseException.ExcessiveRights refused(Database.Config config)
      throws Exception {
    CompletableFuture<UnusableDatabaseException> told = new CompletableFuture<>();
    try (SchemaKeeper keeper = SchemaKeeper.start(config, new LoginGate(), told::complete)) {
      UnusableDatabaseException why = told.get(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(keeper.version()).isEmpty();
      return (UnusableDatabaseException.ExcessiveRights) why;
    }
  }

  @Test
  void aRoleWhoseSessionsTheFenceMayNotEndIsToldWhatIsMissing() throws Exception {
    Database.Config config = TestSchema.config(database.originUrl(), database.url(), 1);
    assertThat(LoginRole.check(config)).isEmpty();
    withRole(
        "",
        owner -> {
          admin.useHandle(h -> h.execute("alter function ledger_fence owner to " + owner));
          try {
            assertThat(LoginRole.check(config))
                .singleElement()
                .asString()
                .contains("GRANT mcpist TO " + owner + " WITH INHERIT TRUE");
          } finally {
            admin.useHandle(h -> h.execute("alter function ledger_fence owner to postgres"));
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "superuser, is a superuser",
    "bypassrls, bypasses row-level security",
    "createrole, may make roles",
    "createdb, may make databases",
    "replication, may replicate",
    "in role pg_write_server_files, may use the server's files",
  })
  void aRoleWithMoreIsRefused(String attribute, String said) throws Exception {
    withRole(
        attribute,
        role ->
            assertThat(refused(TestSchema.config(as(role), database.url(), 1)))
                .hasMessageContaining("DATABASE_URL's role " + role)
                .hasMessageContaining(said)
                .hasMessageContaining("another user, as mcpist"));
  }

  @Test
  void aRoleThatIsThereAndHasMoreIsGrantedNothing() throws Exception {
    withRole(
        "bypassrls",
        role -> {
          assertThat(refused(TestSchema.config(as(role), database.url(), 1)))
              .hasMessageContaining(role + ", which is there already, bypasses");
          assertThat(
                  admin.<Long, SQLException>withHandle(
                      h ->
                          h.createQuery(
                                  "select count(*) from pg_auth_members where member ="
                                      + " to_regrole(?) or roleid = to_regrole(?)")
                              .bind(0, role)
                              .bind(1, role)
                              .mapTo(Long.class)
                              .one()))
              .isZero();
        });
  }

  @ParameterizedTest
  @CsvSource({
    "grant create on schema public to %s, revoke create on schema public from %s, may create"
        + " things",
    "alter schema public owner to %s, alter schema public owner to pg_database_owner, owns the"
        + " schema",
    "alter database %2$s owner to %1$s, alter database %2$s owner to postgres, owns the database",
  })
  void aRoleThatMayPutThingsBesideTheTablesIsRefused(String give, String take, String said)
      throws Exception {
    withRole(
        "",
        role -> {
          admin.useHandle(h -> h.execute(give.formatted(role, database.name())));
          try {
            assertThat(refused(TestSchema.config(as(role), database.url(), 1)))
                .hasMessageContaining(said);
          } finally {
            admin.useHandle(h -> h.execute(take.formatted(role, database.name())));
          }
        });
  }

  @Test
  void aRoleThatInheritsNothingIsGivenTheRightsAllTheSame() throws Exception {
    withRole(
        "noinherit",
        role -> {
          try (SchemaKeeper keeper =
              SchemaKeeper.start(
                  TestSchema.config(as(role), database.url(), 1), new LoginGate(), e -> {})) {
            Conditions.await("it is good", () -> keeper.version().isPresent());
          }
        });
  }

  @Test
  void aRoleThatMayBecomeOneWithMoreIsRefused() throws Exception {
    withRole(
        "bypassrls",
        strong ->
            withRole(
                "in role " + strong,
                role ->
                    assertThat(refused(TestSchema.config(as(role), database.url(), 1)))
                        .hasMessageContaining("bypasses row-level security")));
  }

  @Test
  void anOwnerOfATableIsRefused() throws Exception {
    withRole(
        "",
        role -> {
          admin.useHandle(h -> h.execute("alter table memory owner to " + role));
          try {
            assertThat(refused(TestSchema.config(as(role), database.url(), 1)))
                .hasMessageContaining("owns memory");
          } finally {
            admin.useHandle(h -> h.execute("alter table memory owner to postgres"));
          }
        });
  }

  @Test
  void aTableWithoutRowLevelSecurityIsNoticed() throws Exception {
    admin.useHandle(h -> h.execute("alter table tool_call disable row level security"));
    try {
      assertThat(refused(TestSchema.config(database, 1)))
          .hasMessageContaining("is not held by row-level security in tool_call");
    } finally {
      admin.useHandle(h -> h.execute("alter table tool_call enable row level security"));
    }
  }

  @Test
  void anOwnerAloneIsToldToBecomeTheOneOfMigrations() throws Exception {
    DatabaseUrl owner = DatabaseUrl.parse(database.url());

    assertThat(refused(new Database.Config(owner, Optional.empty(), 1, false)))
        .hasMessageContaining("Set MIGRATION_DATABASE_URL to this address, and DATABASE_URL to the")
        .hasMessageContaining("same with another user, as mcpist, and a new password");
  }

  @Test
  void inDevelopmentTheOwnerAloneLaysItsRightsDown() throws Exception {
    try (TestDatabase fresh = TestDatabase.create()) {
      Database.Config config =
          new Database.Config(DatabaseUrl.parse(fresh.url()), Optional.empty(), 1, true);
      LoginGate gate = new LoginGate();
      try (Database pool = Database.open(config, gate);
          SchemaKeeper keeper = SchemaKeeper.start(config, gate, e -> {})) {
        Conditions.await("the schema is there", () -> keeper.version().isPresent());
        try (Handle handle = pool.open()) {
          assertThat(
                  handle
                      .createQuery("select current_user || ' ' || row_security_active('memory')")
                      .mapTo(String.class)
                      .one())
              .isEqualTo("mcpist_origin true");
        }
      }
    }
  }

  @Test
  void inDevelopmentAPoolersSessionsLayNothingDown() throws Exception {
    DatabaseUrl pooler = DatabaseUrl.parse(database.url() + "?pgbouncer=true");

    assertThat(refused(new Database.Config(pooler, Optional.empty(), 1, true)))
        .hasMessageContaining("is a superuser");
  }

  @Test
  void withoutTheOwnersAddressASchemaThatIsThereDoes() throws Exception {
    Database.Config alone =
        new Database.Config(DatabaseUrl.parse(database.originUrl()), Optional.empty(), 1, false);

    try (SchemaKeeper keeper = SchemaKeeper.start(alone, new LoginGate(), e -> {})) {
      Conditions.await("the schema is there", () -> keeper.version().isPresent());
      assertThat(keeper.stateKey()).isPresent();
    }
  }

  @Test
  void withoutTheOwnersAddressASchemaThatIsNotThereIsSaid() throws Exception {
    try (TestDatabase empty = TestDatabase.create()) {
      Database.Config alone =
          new Database.Config(DatabaseUrl.parse(empty.originUrl()), Optional.empty(), 1, false);
      try (Logged logged = Logged.by(SchemaKeeper.class);
          SchemaKeeper keeper = SchemaKeeper.start(alone, new LoginGate(), e -> {})) {
        logged.await("set MIGRATION_DATABASE_URL to the owner's address");
        assertThat(keeper.version()).isEmpty();
      }
    }
  }

  /** What a test does with a role. */
  @FunctionalInterface
  private interface Use {
    void with(String role) throws Exception;
  }

  /** A role that is gone afterwards. */
  private static void withRole(String attributes, Use use) throws Exception {
    String role = "r" + UUID.randomUUID().toString().replace("-", "");
    admin.useHandle(h -> h.execute("create role " + role + " login " + attributes));
    try {
      use.with(role);
    } finally {
      admin.useHandle(h -> h.execute("drop role " + role));
    }
  }
}
