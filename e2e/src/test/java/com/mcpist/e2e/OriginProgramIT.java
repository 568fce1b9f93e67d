package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The origin as a platform starts it: the image's command and an environment. */
class OriginProgramIT {

  private static final String SECRET = "a-secret-of-the-old-kind-1234567890";
  private static final String NEXT_SECRET = "a-secret-of-the-new-kind-1234567890";
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private TestDatabase database;

  @BeforeEach
  void create() throws Exception {
    database = TestDatabase.create();
  }

  @AfterEach
  void drop() throws Exception {
    database.close();
  }

  private Map<String, String> environment(int port, String name, String prefix) {
    return new HashMap<>(
        Map.of(
            "ENVIRONMENT",
            name,
            "LOG_PREFIX",
            prefix,
            "GATEWAY_SECRET",
            SECRET + "," + NEXT_SECRET,
            "HOST",
            "127.0.0.1",
            "PORT",
            Integer.toString(port),
            "DATABASE_URL",
            database.originUrl(),
            "MIGRATION_DATABASE_URL",
            database.url(),
            "DATABASE_POOL_SIZE",
            "5",
            "RELEASE",
            "e2e"));
  }

  @RepeatedTest(2)
  void twoThatStartAtOnceShareAnEmptyDatabase() throws Exception {
    int one = Ports.free();
    int other = Ports.free();
    try (Program primary = Program.origin(environment(one, "production-primary", "[koyeb]"));
        Program standby = Program.origin(environment(other, "production-standby", "[flyio]"))) {
      primary.await("the primary is healthy", () -> health(one, "").status() == 200);
      standby.await("the standby is healthy", () -> health(other, "").status() == 200);

      String id;
      try (McpConnection client = McpConnection.open(one)) {
        id =
            client
                .call("memory_save", Map.of("title", "t", "text", "t"), operator(SECRET))
                .structured()
                .findPath("id")
                .asString();
      }
      try (McpConnection client = McpConnection.open(other)) {
        var found = client.call("memory_get", Map.of("id", id), operator(NEXT_SECRET)).structured();
        assertThat(found.findPath("id").asString()).isEqualTo(id);
      }
      assertThat(primary.log().lines()).isNotEmpty().allMatch(line -> line.startsWith("[koyeb]"));
      assertThat(primary.log() + standby.log()).doesNotContain(SECRET, NEXT_SECRET);
      assertThat(health(one, secret(SECRET)).text())
          .contains("\"release\":\"e2e\"", "production-primary", "schemaVersion");
    }
  }

  @Test
  void endsCleanlyOnSigterm() throws Exception {
    int port = Ports.free();
    try (Program origin = Program.origin(environment(port, "production-primary", "[koyeb]"))) {
      origin.await("it is healthy", () -> health(port, "").status() == 200);
      origin.terminate();
      assertThat(origin.awaitExit(LIMIT)).isZero();
      assertThat(origin.log()).doesNotContain("Exception");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GATEWAY_SECRET,''",
    "GATEWAY_SECRET,short",
    "PORT,eighty",
    "DATABASE_URL,mysql://localhost/x",
    "DATABASE_POOL_SIZE,-1"
  })
  void aSettingThatCannotBeIsNamedAndStopsTheStart(String variable, String value) throws Exception {
    Map<String, String> environment = environment(Ports.free(), "production-primary", "[koyeb]");
    environment.put(variable, value);
    try (Program origin = Program.origin(environment)) {
      assertThat(origin.awaitExit(LIMIT)).isNotZero();
      assertThat(origin.log()).contains(variable).doesNotContain("\tat ");
    }
  }

  @Test
  void withoutAnEnvironmentASecretIsAskedFor() throws Exception {
    Map<String, String> environment = environment(Ports.free(), "x", "");
    environment.remove("ENVIRONMENT");
    environment.remove("GATEWAY_SECRET");
    try (Program origin = Program.origin(environment)) {
      assertThat(origin.awaitExit(LIMIT)).isNotZero();
      assertThat(origin.log()).contains("GATEWAY_SECRET");
    }
  }

  @Test
  void theDevelopersOneCommandNeedsNoSecret(@TempDir Path home) throws Exception {
    int port = Ports.free();
    Path out = home.resolve("out");
    ProcessBuilder builder = Root.process(home, Root.PATH + "/mcpist", "origin");
    builder.environment().put("ENVIRONMENT", "development");
    builder.environment().put("PORT", Integer.toString(port));
    builder.environment().put("DATABASE_URL", database.url());
    Process origin = builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
    try {
      Conditions.await("it answers", LIMIT, () -> toolsWithoutASecret(port));
    } finally {
      origin.destroy();
      Conditions.await("it has ended: " + Files.readString(out), LIMIT, () -> !origin.isAlive());
    }
  }

  private static boolean toolsWithoutASecret(int port) throws IOException {
    try (McpConnection client = McpConnection.open(port)) {
      return !client.request("tools/list", Map.of()).result().path("tools").isEmpty();
    }
  }

  /** As an edge that asks for no authentication. */
  private static String operator(String secret) {
    return secret(secret) + "\nX-User-Id: local";
  }

  private static String secret(String value) {
    return "X-Gateway-Secret: " + value;
  }

  private static HttpMessage health(int port, String header) throws IOException {
    String more = header.isEmpty() ? "" : header + "\r\n";
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n");
  }
}
