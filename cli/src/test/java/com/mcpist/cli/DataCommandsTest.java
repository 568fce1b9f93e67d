package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Certificates;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.LyingDatabase;
import com.mcpist.testkit.LyingDatabase.Demand;
import com.mcpist.testkit.OriginsDatabase;
import java.nio.file.Path;
import java.security.KeyStore;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup and its way back, by processes of their own, which are killed in the middle. */
class DataCommandsTest {
  private Mcpist mcpist;
  private OriginsDatabase from;
  private OriginsDatabase into;
  private Path file;

  // JUnit sets up before anything else.
  @SuppressWarnings("NullAway.Init")
  DataCommandsTest() {}

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    mcpist = new Mcpist(folder);
    file = folder.resolve("backup.zip");
    from = OriginsDatabase.create();
    into = OriginsDatabase.create();
  }

  @AfterEach
  void stop() throws Exception {
    mcpist.killAll();
    from.close();
    into.close();
  }

  private Mcpist.Result run(String command, OriginsDatabase database) throws Exception {
    mcpist.environment.put("DATABASE_URL", database.url());
    return mcpist.run(command, file.toString());
  }

  @Test
  void aBackupIsRestoredOnceAndOnlyWhereThereIsNothing() throws Exception {
    from.save("ann", 1, 10);

    Mcpist.Result taken = run("backup", from);
    Mcpist.Result put = run("restore", into);

    assertThat(taken.code()).as(taken.err()).isZero();
    assertThat(taken.out()).contains("Backing up memory: done", "backup.zip: 2", "rows");
    assertThat(put.code()).as(put.err()).isZero();
    assertThat(put.out()).contains("Restoring memory: done", "Restored from ");
    assertThat(into.digest("memory")).isEqualTo(from.digest("memory"));
    Mcpist.Result again = run("restore", into);
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out()).contains("It is restored already");
    Mcpist.Result full = run("restore", from);
    assertThat(full.code()).isEqualTo(1);
    assertThat(full.err()).hasLineCount(1).contains("has data already", "`mcpist up --data");
  }

  /** DNS or the network leads to a stranger: 0.0.0.0 is this machine, and no name of loopback. */
  @Test
  void aServerThatIsNotTheDatabaseGetsNoPassword() throws Exception {
    from.save("ann", 1, 1);
    assertThat(run("backup", from).code()).isZero();
    KeyStore own = Certificates.in(mcpist.folder().resolve("keys")).selfSigned("ip:0.0.0.0");
    try (LyingDatabase plain = LyingDatabase.withoutTls(Demand.CLEARTEXT);
        LyingDatabase encrypted =
            LyingDatabase.withTls(Demand.CLEARTEXT, Certificates.server(own))) {
      for (List<String> command :
          List.of(List.of("backup", file + ".2"), List.of("restore", file + ""), List.of("up"))) {
        refused(plain, "offers no TLS", command);
        refused(encrypted, "does not ask for the password by SCRAM-SHA-256", command);
      }
    }
  }

  private void refused(LyingDatabase liar, String told, List<String> command) throws Exception {
    String url = "postgres://owner:sesame-1001@0.0.0.0:" + liar.port() + "/postgres";
    mcpist.environment.put("DATABASE_URL", url);
    Mcpist.Result refused = mcpist.run(command.toArray(String[]::new));

    assertThat(refused.code()).as(command + refused.out()).isEqualTo(1);
    assertThat(refused.err())
        .contains("0.0.0.0:" + liar.port() + " " + told)
        .doesNotContain("sesame", "\tat ");
    assertThat(refused.out()).doesNotContain("sesame");
    assertThat(liar.clients()).isPositive();
    assertThat(liar.received()).doesNotContain("sesame", "p\0");
  }

  @Test
  void anAddressThatAsksForLessIsRefused() throws Exception {
    mcpist.environment.put("DATABASE_URL", "postgres://me:sesame@db.example.com/x?sslmode=prefer");
    for (String command : List.of("backup", "restore")) {
      Mcpist.Result refused = mcpist.run(command, file.toString());

      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err())
          .contains("DATABASE_URL is refused: sslmode=prefer goes on without TLS")
          .doesNotContain("sesame");
    }
  }

  @Test
  void theOwnerIsWhoTakesIt() throws Exception {
    mcpist.environment.put("MIGRATION_DATABASE_URL", from.url());
    mcpist.environment.put("DATABASE_URL", "postgres://mcpist@127.0.0.1:1/nowhere");
    assertThat(mcpist.run("backup", file.toString()).code()).isZero();
  }

  @Test
  void whereThereIsNoDatabaseItIsSaid() throws Exception {
    Mcpist.Result none = mcpist.run("backup", file.toString());
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).hasLineCount(1).contains("no pair is running in", "DATABASE_URL");
    mcpist.environment.put("DATABASE_URL", "postgres://ann:private@127.0.0.1:1/x");
    Mcpist.Result away = mcpist.run("backup", file.toString());
    assertThat(away.code()).isEqualTo(1);
    assertThat(away.err())
        .hasLineCount(1)
        .contains("cannot be backed up")
        .doesNotContain("private");
    assertThat(file).doesNotExist();
  }

  @Test
  void whatIsKilledInTheMiddleIsFinishedByTheSameCommand() throws Exception {
    from.save("ann", 1, 2000);
    killInTheMiddle("backup", from, "access exclusive");
    assertThat(file).doesNotExist();

    assertThat(run("backup", from).code()).isZero();

    killInTheMiddle("restore", into, "share");
    assertThat(into.value("select count(*) from memory")).isEqualTo("0");

    Mcpist.Result restored = run("restore", into);
    assertThat(restored.code()).as(restored.err()).isZero();
    assertThat(restored.out()).doesNotContain("It is restored already");
    for (String table : new String[] {"memory", "tool_call"}) {
      assertThat(into.digest(table)).isEqualTo(from.digest(table));
    }
  }

  /** Kills it where it waits for tool_call, which comes after memory. */
  private void killInTheMiddle(String command, OriginsDatabase database, String mode)
      throws Exception {
    mcpist.environment.put("DATABASE_URL", database.url());
    try (Connection holder = database.database().dataSource().getConnection()) {
      holder.setAutoCommit(false);
      holder.createStatement().execute("lock table tool_call in " + mode + " mode");
      Process killed = mcpist.command(command, file.toString()).start();
      Conditions.await(
          "it waits",
          Mcpist.LIMIT,
          () ->
              database
                  .value(
                      "select count(*) from pg_stat_activity"
                          + " where datname = current_database() and wait_event_type = 'Lock'")
                  .equals("1"));
      killed.destroyForcibly().waitFor();
    }
  }
}
