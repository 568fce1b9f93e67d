package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.pair.LocalPair;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.Signals;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pair from its start to its stop. Real processes, a real database; the origins and the edge are
 * stand-ins.
 */
class PairLifeTest {
  private Mcpist mcpist;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  PairLifeTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    mcpist = new Mcpist(folder);
  }

  @AfterEach
  void nothingIsLeft() {
    mcpist.killAll();
  }

  @Test
  void downStopsEverythingAndIsDoneWhenNothingRuns() throws Exception {
    Path seen = mcpist.folder().resolve("watch.out");
    Process watch =
        Signals.stoppingOnInterrupt(mcpist.command("status", "--watch"))
            .redirectErrorStream(true)
            .redirectOutput(seen.toFile())
            .start();
    Conditions.await(
        "the watch says that none runs",
        Mcpist.LIMIT,
        () -> Files.readString(seen).contains("no pair is running in " + mcpist.data()));
    mcpist.up();
    Conditions.await(
        "the watch shows it",
        Mcpist.LIMIT,
        () -> Files.readString(seen).contains("flyio-standby  healthy"));
    Mcpist.signal("INT", watch.pid());
    assertThat(watch.waitFor()).isZero();

    Mcpist.Result down = mcpist.run("down");

    assertThat(down.code()).as(down.err()).isZero();
    assertThat(mcpist.processes()).isEmpty();
    assertThat(mcpist.run("down").code()).isZero();
    Mcpist.Result status = mcpist.run("status", "--json");
    assertThat(status.code()).isEqualTo(1);
    assertThat(status.out()).isEmpty();
    assertThat(status.err()).hasLineCount(1).contains("mcpist up");
  }

  @Test
  void whoMayCallIsAsTheFileSaysAndWhoeverAsksThePairIsTold() throws Exception {
    Files.writeString(
        mcpist.folder().resolve("mcpist.yml"),
        """
        auth: {jwt: supabase}
        """);
    Mcpist.Result missing = mcpist.run("up", "--detach", "--port", "0");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).hasLineCount(1).contains("SUPABASE_URL is not set");
    mcpist.environment.put("SUPABASE_URL", "https://abcd.supabase.co");

    Mcpist.Result up = mcpist.up();

    assertThat(up.out())
        .contains("Clients need a token of the issuer in mcpist.yml, or an API key", "localhost:");
    assertThat(new LocalPair(mcpist.data(), mcpist.environment).access().orElseThrow().admission())
        .isEqualTo(new Admission(true, true));
    assertThat(mcpist.environmentOfOrigin(0).split(";", -1)[0].split(",", -1))
        .doesNotContain("LIMITS");
  }

  @Test
  void ctrlCStopsWhatUpHasStartedAndEventsAreTold() throws Exception {
    Path out = mcpist.folder().resolve("up.out");
    Process up =
        Signals.stoppingOnInterrupt(mcpist.command("up", "--port", "0"))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    Conditions.await("it is up", Mcpist.LIMIT, () -> Files.readString(out).contains("Ctrl-C"));
    ProcessHandle.of(mcpist.status().path("origins").path(0).path("pid").asLong())
        .orElseThrow()
        .destroyForcibly();
    Conditions.await(
        "it says so",
        Mcpist.LIMIT,
        () -> Files.readString(out).contains("koyeb-primary is up again"));

    Mcpist.signal("INT", up.pid());

    assertThat(up.waitFor(Mcpist.LIMIT)).isTrue();
    assertThat(mcpist.processes()).isEmpty();
    assertThat(Files.readString(out))
        .containsPattern(
            "(?m)^\\d\\d:\\d\\d:\\d\\d  koyeb-primary died \\(killed, signal 9\\), starting it"
                + " again at")
        .contains("Stopping edge", "Stopped.")
        .doesNotContain("Exception", "\u001b[");
  }

  @Test
  @Tag("long")
  void aDatabaseOfOnesOwnIsUsedInstead() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      mcpist.environment.put("DATABASE_URL", database.url());
      mcpist.up();

      assertThat(mcpist.databaseUrl()).isEqualTo(database.url());
      assertThat(mcpist.status().path("database").path("url").asString()).endsWith(database.name());
      assertThat(mcpist.data().resolve("postgres")).doesNotExist();
    }
  }

  @Test
  @Tag("long")
  void aLongPathIsNoHindrance() throws Exception {
    String data = mcpist.folder().resolve("long".repeat(30)).toString();
    assertThat(mcpist.run("up", "--detach", "--port", "0", "--data", data).code()).isZero();
    assertThat(mcpist.run("status", "--data", data).code()).isZero();
    assertThat(mcpist.run("down", "--data", data).code()).isZero();
  }

  @Test
  void theDevelopersOriginHasADatabaseOfItsOwn() throws Exception {
    mcpist.environment.put("ENVIRONMENT", "development");
    mcpist.environment.put("PORT", Integer.toString(Ports.free()));
    Process origin =
        mcpist
            .command("origin")
            .redirectErrorStream(true)
            .redirectOutput(mcpist.folder().resolve("origin.out").toFile())
            .start();
    URI address = URI.create("http://127.0.0.1:" + mcpist.environment.get("PORT"));
    String url =
        Conditions.awaitValue(
                "it answers",
                Mcpist.LIMIT,
                () -> Optional.of(mcpist.get(address.resolve("/environment"))))
            .split(";", -1)[2];
    try (Connection connection = Mcpist.connect(url)) {
      assertThat(Mcpist.value(connection, "SHOW data_directory"))
          .isEqualTo(mcpist.data().resolve("development/postgres").toString());
    }

    origin.destroy();

    assertThat(origin.waitFor(Mcpist.LIMIT)).isTrue();
    mcpist.awaitNoProcess();
  }
}
