package com.mcpist.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.ModuleJar;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Certificates;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.LyingDatabase;
import com.mcpist.testkit.LyingDatabase.Demand;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The origin as a process: how it ends. */
final class MainTest {
  private static final String SECRET = "s".repeat(40);

  @TempDir private Path folder;

  private Process start(Map<String, String> environment) throws IOException {
    return start(System.getProperty("java.class.path"), environment);
  }

  private Process start(String classPath, Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            // The tests' own logging would come first on the class path.
            "-Dlogback.configurationFile=logback.xml",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            classPath,
            "com.mcpist.origin.Main");
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).redirectOutput(log().toFile()).start();
  }

  private Path log() {
    return folder.resolve("log");
  }

  private String logged() throws IOException {
    return Files.readString(log());
  }

  /** Its exit code; a process that does not end is ended, and fails the test. */
  private static int exitOf(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS))
          .as("the process has ended")
          .isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aSettingThatIsWrongIsNamedInOneLine() throws Exception {
    Process process = start(Map.of("ENVIRONMENT", "production-primary"));

    assertThat(exitOf(process)).isEqualTo(2);
    assertThat(logged().lines()).singleElement().asString().contains("GATEWAY_SECRET is not set");
  }

  @Test
  void aPortThatIsTakenIsOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process process =
          start(
              Map.of("ENVIRONMENT", "development", "PORT", Integer.toString(taken.getLocalPort())));

      assertThat(exitOf(process)).isEqualTo(1);
      List<String> complaints =
          logged().lines().filter(l -> l.contains("Cannot listen on 127.0.0.1")).toList();
      assertThat(complaints).hasSize(1);
      assertThat(logged()).doesNotContain("\tat ");
    }
  }

  @Test
  void aModuleThatDoesNotStartIsNamedInTheLastLine() throws Exception {
    Path jar =
        new ModuleJar(folder.resolve("counter-1.0.jar"), "").with("db/V1__c.sql", "").write();
    Process process =
        start(
            System.getProperty("java.class.path") + ":" + jar,
            Map.of("ENVIRONMENT", "development", "PORT", "0"));

    assertThat(exitOf(process)).isEqualTo(1);
    assertThat(logged().lines().toList().getLast())
        .startsWith("The origin does not start: db/V1__c.sql of " + jar);
  }

  @Test
  void aSchemaThatIsTooNewStopsIt() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      TestSchema.make(database);
      Jdbi.create(database.dataSource())
          .useHandle(h -> h.execute("insert into schema_compatibility values (900, 900)"));

      Process process = start(running(database));

      assertThat(exitOf(process)).isEqualTo(1);
      assertThat(logged()).contains("[koyeb] ", "Start a newer release").doesNotContain(SECRET);
    }
  }

  @Test
  void aDatabaseRoleWithTooManyRightsStopsIt() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      Map<String, String> owner = new HashMap<>(running(database));
      owner.remove("MIGRATION_DATABASE_URL");
      owner.put("DATABASE_URL", database.url());

      Process process = start(owner);

      assertThat(exitOf(process)).isEqualTo(1);
      assertThat(logged())
          .contains("The origin does not start: DATABASE_URL's role postgres is a superuser")
          .contains("Set MIGRATION_DATABASE_URL to this address")
          .doesNotContain(SECRET);
    }
  }

  /** DNS or the network leads to a stranger: 0.0.0.0 is this machine, and no name of loopback. */
  @ParameterizedTest
  @CsvSource({
    "false, CLEARTEXT, '', offers no TLS",
    "true, CLEARTEXT, '', does not ask for the password by SCRAM-SHA-256",
    "true, MD5, ?channel_binding=prefer, does not ask for the password by SCRAM-SHA-256",
    "true, NOTHING, ?channel_binding=prefer, does not ask for the password by SCRAM-SHA-256",
    "true, CLEARTEXT, ?sslmode=verify-full, shows a certificate that this system's root"
        + " certificates"
  })
  void aServerThatIsNotTheDatabaseStopsItAndGetsNoPassword(
      boolean tls, Demand demand, String options, String told) throws Exception {
    KeyStore own = Certificates.in(folder).signed("own", "ip:0.0.0.0", "-1d", 30);
    try (LyingDatabase liar =
        tls
            ? LyingDatabase.withTls(demand, Certificates.server(own))
            : LyingDatabase.withoutTls(demand)) {
      String at = "@0.0.0.0:" + liar.port() + "/postgres" + options;
      Map<String, String> environment =
          new HashMap<>(
              Map.of(
                  "ENVIRONMENT",
                  "production-primary",
                  "GATEWAY_SECRET",
                  SECRET,
                  "PORT",
                  "0",
                  "DATABASE_URL",
                  "postgres://mcpist:sesame-of-calls" + at));
      for (String owner : List.of("", "postgres://postgres:sesame-of-owner" + at)) {
        environment.put("MIGRATION_DATABASE_URL", owner);
        Process process = start(environment);

        assertThat(exitOf(process)).isEqualTo(1);
        assertThat(logged().lines().filter(line -> line.contains("0.0.0.0:" + liar.port())))
            .singleElement()
            .asString()
            .contains("The origin does not start: 0.0.0.0:" + liar.port() + " " + told);
        assertThat(logged()).doesNotContain("sesame", "\tat ");
      }
      assertThat(liar.clients()).isGreaterThanOrEqualTo(2);
      assertThat(liar.received()).doesNotContain("sesame", "md5", "p\0");
    }
  }

  @Test
  void itEndsWithItsSupervisor() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      Process process = start(running(database));
      Conditions.await("it listens", () -> logged().contains("listens on"));

      process.getOutputStream().close();

      assertThat(exitOf(process)).isZero();
      assertThat(logged().lines()).isNotEmpty().allMatch(line -> line.startsWith("[koyeb] "));
      assertThat(logged()).contains("Stopped").doesNotContain(SECRET);
    }
  }

  private static Map<String, String> running(TestDatabase database) {
    return Map.of(
        "ENVIRONMENT",
        "production-primary",
        "GATEWAY_SECRET",
        SECRET,
        "LOG_PREFIX",
        "[koyeb]",
        "HOST",
        "127.0.0.1",
        "PORT",
        "0",
        "DATABASE_URL",
        database.originUrl(),
        "MIGRATION_DATABASE_URL",
        database.url(),
        "MCPIST_SUPERVISED",
        "true");
  }
}
