package com.mcpist.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.db.SchemaKeeper;
import com.mcpist.origin.fixture.Logged;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Some poolers lock everybody out after a few logins that failed: a start must not make any. */
final class FirstLoginTest {
  private static PostgresServer server;
  private static Path logs;

  @BeforeAll
  static void start() throws IOException {
    server = PostgresServer.start(Map.of("logging_collector", "on"));
    Jdbi database = Jdbi.create(server.dataSource());
    logs = Path.of(shown(database, "data_directory"), "log");
    database.useHandle(
        h -> {
          Path hba = Path.of(h.createQuery("show hba_file").mapTo(String.class).one());
          String lines = Files.readString(hba);
          Files.writeString(hba, "host all mcpist,fresh 127.0.0.1/32 scram-sha-256\n" + lines);
          h.execute("select pg_reload_conf()");
        });
  }

  private static String shown(Jdbi database, String setting) {
    return database.withHandle(h -> h.createQuery("show " + setting).mapTo(String.class).one());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String as(String user, String password) {
    return server.url().replace("//postgres@", "//" + user + ":" + password + "@");
  }

  private static long refusals(String user) throws IOException {
    try (Stream<Path> files = Files.list(logs)) {
      return files
          .flatMap(FirstLoginTest::lines)
          .filter(l -> l.contains("authentication failed for user \"" + user + "\""))
          .count();
    }
  }

  private static Stream<String> lines(Path log) {
    try {
      return Files.readAllLines(log).stream();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRoleThatIsNotThereYetIsNotTried() throws Exception {
    try (RunningOrigin origin =
        RunningOrigin.start(as("fresh", "secret"), server.url(), Map.of()).awaitHealthy()) {
      assertThat(origin.send(origin.to("/health").GET()).statusCode()).isEqualTo(200);
      assertThat(refusals("fresh")).isZero();
    }
  }

  @Test
  void aPasswordThatIsNotTakenIsTriedOnceInAWhile() throws Exception {
    RunningOrigin.start(as("mcpist", "secret"), server.url(), Map.of()).awaitHealthy().close();

    try (Logged logged = Logged.by(SchemaKeeper.class);
        RunningOrigin origin = RunningOrigin.start(as("mcpist", "wrong"), server.url(), Map.of())) {
      logged.await("the role mcpist has another");
      assertThat(origin.send(origin.to("/health").GET()).statusCode()).isEqualTo(503);
      // PostgreSQL's log comes by another process.
      Conditions.await("it is logged", () -> refusals("mcpist") > 0);
      assertThat(refusals("mcpist")).isEqualTo(1);
    }
  }
}
