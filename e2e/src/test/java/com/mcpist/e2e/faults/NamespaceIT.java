package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;

import com.mcpist.e2e.harness.Namespace;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.RigPlan;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that save while the kernel swallows the packets of the machine on which the primary is.
 */
@Needs(Need.NAMESPACES)
@SuppressWarnings("NullAway.Init") // Nothing is stopped that was not started.
@Tag("long")
class NamespaceIT {

  private static final int CLIENTS = 16;
  private static final int SOME = 100;
  private static final String PASSWORD = "of-a-test";

  /** The wire of which nothing arrives. */
  enum Wire {
    TO_THE_EDGE,
    TO_THE_DATABASE,
    BOTH
  }

  @TempDir private static Path folder;
  private static Namespace namespace;
  private static PostgresServer database;
  private static RigPlan plan;
  private static Rig rig;

  private Savers savers;

  @BeforeAll
  static void start() throws Exception {
    namespace = Namespace.create();
    Path access = folder.resolve("pg_hba.conf");
    Files.writeString(
        access, "host all all 127.0.0.1/32 trust\nhost all all samenet scram-sha-256\n");
    database =
        PostgresServer.start(
            Map.of(
                "listen_addresses",
                "127.0.0.1," + namespace.here(),
                "hba_file",
                access.toString()));
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER ROLE %s PASSWORD '%s'".formatted(PostgresServer.USER, PASSWORD));
    }
    String url =
        database
            .url()
            .replace("//" + PostgresServer.USER, "//" + PostgresServer.USER + ":" + PASSWORD);
    plan = RigPlan.on(url);
    rig =
        plan.startedBy(PRIMARY, namespace.prefix())
            .reachedBy(PRIMARY, "http://" + namespace.there() + ":" + plan.port(PRIMARY))
            // The test's database has no certificate, and the namespace's network is private.
            .database(PRIMARY, url.replace("127.0.0.1", namespace.here()) + "?sslmode=disable")
            .start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (rig != null) {
      rig.close();
    }
    if (database != null) {
      database.close();
    }
    if (namespace != null) {
      namespace.close();
    }
  }

  @BeforeEach
  void settle() throws Exception {
    rig.settle();
    savers = Savers.start(rig.port(), CLIENTS);
    savers.awaitMore(SOME, PRIMARY);
  }

  @AfterEach
  void stopClients() {
    if (savers != null) {
      savers.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void noPacketOfThePrimaryArrives(Wire wire) throws Exception {
    namespace.swallow(
        switch (wire) {
          case TO_THE_EDGE -> plan.port(PRIMARY);
          case TO_THE_DATABASE -> database.port();
          case BOTH -> 0;
        });
    savers.awaitMore(SOME, STANDBY);
    namespace.mend();
    rig.awaitSettled();
    savers.awaitMore(SOME, PRIMARY);

    savers.stop(database.dataSource()).assertAllSavedOnce();
  }
}
