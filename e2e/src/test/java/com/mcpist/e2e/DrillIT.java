package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The game day, as a person holds it. */
@Tag("long")
class DrillIT {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static Pair pair;
  private static DataSource database;

  @BeforeAll
  static void up() throws Exception {
    pair = Pair.up();
    pair.awaitSettled();
    database = pair.database();
    save("Where the key is", List.of("keys"), "In the blue folder.");
    save("mcpist-drill 0123456789abcdef 1", List.of("mcpist-drill"), "Written by a person.");
  }

  @AfterAll
  static void down() throws IOException {
    pair.close();
  }

  @Test
  void nothingFailsIsLostOrRunsTwiceAndTheDataIsAsBefore() throws Exception {
    List<String> before = rows();
    save(
        "mcpist-drill 0123456789abcdef 2",
        List.of("mcpist-drill"),
        "Saved by a drill, which takes it away at its end.");

    Command.Result drill =
        Command.run(
            command(
                "--fault", "kill,reset,partition", "--calls", "100", "--clients", "4", "--json"),
            LIMIT);
    assertThat(drill.code()).as(drill.all()).isZero();

    JsonNode reports = JsonMapper.shared().readTree(drill.out());
    assertThat(reports.findValuesAsString("fault")).containsExactly("kill", "reset", "partition");
    for (JsonNode report : reports) {
      assertThat(report.path("calls").asInt()).as(report.toString()).isGreaterThanOrEqualTo(100);
      assertThat(report.path("inFlight").asInt()).as(report.toString()).isPositive();
      for (String none : List.of("failed", "lost", "duplicated")) {
        assertThat(report.path(none).isInt()).as(none).isTrue();
        assertThat(report.path(none).asInt()).as(report.toString()).isZero();
      }
      for (String time : List.of("p50Millis", "p99Millis", "maxMillis", "failoverMillis")) {
        assertThat(report.path(time).isNumber()).as(time + report).isTrue();
      }
      assertThat(report.path("failbackMillis").isNumber()).as(report.toString()).isTrue();
    }
    assertThat(rows()).as("also without what a drill that was killed had left").isEqualTo(before);
    assertNoThrowAwayPair();
  }

  @Test
  void noCallOfAMountedToolFailsIsLostOrRunsTwice() throws Exception {
    List<String> before = rows();
    Command.Result drill =
        Command.run(
            command(
                "--fault",
                "kill",
                "--tools",
                "reads,idempotent,keyed,once",
                "--calls",
                "100",
                "--clients",
                "8",
                "--mount-start",
                "500ms",
                "--json"),
            LIMIT);
    assertThat(drill.code()).as(drill.all()).isZero();
    assertThat(drill.err()).contains("throw-away pair");

    JsonNode reports = JsonMapper.shared().readTree(drill.out());
    assertThat(reports.findValuesAsString("tool"))
        .containsExactly(
            "reads", "reads", "idempotent", "idempotent", "keyed", "keyed", "once", "once");
    assertThat(reports.findValuesAsString("transport")).containsOnly("stdio", "http");
    for (JsonNode report : reports) {
      assertThat(report.path("calls").asInt()).as(report.toString()).isGreaterThanOrEqualTo(10);
      for (String none : List.of("failed", "lost", "duplicated", "late")) {
        assertThat(report.path(none).isInt()).as(none).isTrue();
        assertThat(report.path(none).asInt()).as(report.toString()).isZero();
      }
      if (!report.path("tool").asString().equals("once")) {
        assertThat(report.path("unknown").asInt()).as(report.toString()).isZero();
      }
    }
    assertThat(reports.findValues("inFlight").stream().mapToInt(JsonNode::asInt).sum())
        .isPositive();
    assertThat(rows()).as("the pair that is up is left alone").isEqualTo(before);
    assertNoThrowAwayPair();
  }

  @Test
  void afterCtrlCTheDataIsAsBefore() throws Exception {
    List<String> before = rows();
    Path out = pair.home().resolve("drill.out");
    Process drill =
        Signals.stoppingOnInterrupt(command("--fault", "hang", "--calls", "100000"))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    Conditions.await(
        "it saves", LIMIT, () -> rows().size() > before.size() + 20 || !drill.isAlive());
    assertThat(drill.isAlive()).as(Files.readString(out)).isTrue();

    Processes.interrupt(drill.pid());
    Conditions.await("it has ended", LIMIT, () -> !drill.isAlive());
    assertThat(rows()).as(Files.readString(out)).isEqualTo(before);
    assertThat(Files.readString(out)).contains("was stopped").doesNotContain("Exception");
    pair.awaitSettled();
  }

  @Test
  void aPairOnAnotherDatabaseIsNeverBroken() throws Exception {
    ProcessBuilder command = pair.command("drill", "--fault", "kill");
    command.environment().put("DATABASE_URL", "postgres://me:hunter2@db.example.com/app");
    Command.Result refused = Command.run(command);

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err().lines().toList()).hasSize(1);
    assertThat(refused.err()).contains("DATABASE_URL").doesNotContain("hunter2");
  }

  @Test
  void aPairThatWasStartedOnAnotherDatabaseIsNeverBroken() throws Exception {
    try (PostgresServer other = PostgresServer.start();
        Pair elsewhere = Pair.up(Map.of("DATABASE_URL", other.url()))) {
      long serving = elsewhere.awaitSettled().origin(Pair.PRIMARY).runningPid();
      ProcessBuilder command = elsewhere.command("drill", "--fault", "kill");
      command.environment().remove("DATABASE_URL");
      Command.Result refused = Command.run(command);

      assertThat(refused.code()).as(refused.all()).isEqualTo(2);
      assertThat(refused.err()).contains("PostgreSQL of its own");
      assertThat(elsewhere.status().origin(Pair.PRIMARY).runningPid()).isEqualTo(serving);
    }
  }

  private static ProcessBuilder command(String... arguments) {
    String[] all = Stream.concat(Stream.of("drill"), Stream.of(arguments)).toArray(String[]::new);
    ProcessBuilder builder = pair.command(all);
    // Other drills on this machine have their folders elsewhere.
    builder.environment().put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + pair.home());
    return builder;
  }

  private static void assertNoThrowAwayPair() throws IOException {
    try (Stream<Path> files = Files.list(pair.home())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("mcpist-drill-"));
    }
    assertThat(
            ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(pair.home() + "/mcpist-drill-")))
        .isEmpty();
  }

  private static void save(String title, List<String> tags, String text) throws IOException {
    try (McpConnection client = McpConnection.open(pair.port())) {
      client.call("memory_save", Map.of("title", title, "tags", tags, "text", text)).structured();
    }
  }

  /** Every memory and every call that the ledger knows. */
  private static List<String> rows() throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = database.getConnection();
        ResultSet rows =
            connection
                .createStatement()
                .executeQuery(
                    "select m::text from memory m union all select t::text from tool_call t"
                        + " order by 1")) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }
}
