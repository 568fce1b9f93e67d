package com.mcpist.e2e.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.e2e.harness.Canary;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.CommandLines;
import com.mcpist.e2e.harness.Databases;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A key is made on a machine without a secret, and registered by its digest where the secrets are:
 * it goes from where it is made to its client, and nowhere else.
 */
class KeyByDigestIT {
  private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private final Canary gateway = Canary.of("GATEWAY_SECRET");
  private final Canary admin = Canary.of("ADMIN_TOKEN");
  private final TestDatabase database = TestDatabase.create();
  private final int port = Ports.free();
  private Program origin;
  private Program edge;
  private Path folder;

  // JUnit sets up before anything else.
  @SuppressWarnings("NullAway.Init")
  KeyByDigestIT() throws SQLException {}

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    this.folder = folder;
    int originPort = Ports.free();
    origin = Program.origin(ofOrigin(originPort));
    origin.await("it is healthy", () -> RawHttp.exchange(originPort, HEALTH).status() == 200);
    edge = Program.edge(ofEdge(originPort));
    Files.writeString(
        folder.resolve("mcpist.yml"),
        """
        service: notes
        domain: mcp.example.com
        origins: [{name: one, platform: fly, app: notes, url: "http://127.0.0.1:%d"}]
        """
            .formatted(originPort));
    edge.await("a stranger is asked for a key", () -> status("") == 401);
  }

  private Map<String, String> ofOrigin(int originPort) {
    return Map.of(
        "ENVIRONMENT",
        "production-primary",
        "GATEWAY_SECRET",
        gateway.value(),
        "ADMIN_TOKEN",
        admin.value(),
        "HOST",
        "127.0.0.1",
        "PORT",
        Integer.toString(originPort),
        "MIGRATION_DATABASE_URL",
        database.url(),
        "DATABASE_URL",
        Databases.ofOrigins(database.url()));
  }

  private Map<String, String> ofEdge(int originPort) {
    String origins = "http://127.0.0.1:" + originPort;
    ObjectNode config =
        (ObjectNode)
            JsonMapper.shared()
                .readTree(EdgeConfig.environment(port, Map.of("one", origins)).get("EDGE_CONFIG"));
    config.putArray("allowedHosts").add("localhost");
    config.putObject("auth").put("resource", "https://mcp.example.com/mcp").put("keys", true);
    return Map.of("EDGE_CONFIG", config.toString(), "GATEWAY_SECRET", gateway.value());
  }

  @AfterEach
  void close() throws Exception {
    edge.close();
    origin.close();
    database.close();
  }

  /** The status of a client's call. */
  private int status(String key) throws IOException {
    try (McpConnection client = McpConnection.open(port)) {
      String headers = key.isEmpty() ? "" : "Authorization: Bearer " + key;
      return client.call("memory_list", Map.of(), headers).status();
    }
  }

  private Command.Result run(Map<String, String> secrets, String... arguments) throws IOException {
    String[] line =
        Stream.concat(
                Stream.of(Root.PATH.toAbsolutePath().resolve("mcpist").toString()),
                Stream.of(arguments))
            .toArray(String[]::new);
    ProcessBuilder builder = Root.process(folder, line).directory(folder.toFile());
    builder.environment().putAll(secrets);
    return Command.run(builder);
  }

  /** What a shell hands on of the one line that is printed for it. */
  private static Map<String, String> dispatched(String printed) throws Exception {
    List<String> lines =
        printed.lines().filter(line -> line.contains("command=keys-register")).toList();
    assertThat(lines).as(printed).hasSize(1);
    Process shell =
        new ProcessBuilder("sh", "-c", "gh() { printf '%s\\n' \"$@\"; }; " + lines.getFirst())
            .start();
    String words = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, String> fields = new TreeMap<>();
    words
        .lines()
        .filter(word -> word.contains("="))
        .forEach(word -> fields.put(word.split("=", 2)[0], word.split("=", 2)[1]));
    assertThat(words).startsWith("workflow\nrun\noperate.yml\n-f\n");
    return fields;
  }

  @Test
  void itLetsItsClientInAndIsNowhereElse() throws Exception {
    Map<String, String> secrets =
        Map.of("GATEWAY_SECRET", gateway.value(), "ADMIN_TOKEN", admin.value());
    List<String> said = new ArrayList<>();
    try (CommandLines processes = CommandLines.watched()) {
      Command.Result made =
          run(Map.of(), "keys", "create", "laptop", "--user", "al$ice", "--expires", "2d");
      assertThat(made.code()).as(made.err()).isZero();
      String key = made.out().strip();
      assertThat(ApiKey.parse(key)).isPresent();
      assertThat(status(key)).as("nobody knows it yet").isEqualTo(401);
      said.add(made.err());

      Map<String, String> fields = dispatched(made.err());
      assertThat(fields.keySet()).containsExactly("command", "digest", "expires", "name", "user");
      for (int i = 0; i < 2; i++) {
        Command.Result registered =
            run(
                secrets,
                "keys",
                "register",
                "--digest=" + fields.get("digest"),
                "--user=" + fields.get("user"),
                "--expires=" + fields.get("expires"),
                "--",
                fields.getOrDefault("name", ""));
        assertThat(registered.code()).as(registered.all()).isZero();
        said.add(registered.all());
      }

      Conditions.await("its client is let in", () -> status(key) == 200);
      assertThat(status(ApiKey.create().secret().reveal())).isEqualTo(401);
      Command.Result listed = run(secrets, "keys", "list");
      assertThat(listed.out()).containsPattern("laptop +al\\$ice +works").hasLineCount(2);
      said.add(listed.all());
      said.add(run(secrets, "keys", "revoke", "--", "laptop").all());
      Conditions.await("it is let in no more", () -> status(key) == 401);

      said.add(origin.log());
      said.add(edge.log());
      List<Canary> canaries = List.of(gateway, admin, Canary.known("the key", key));
      assertThat(Canary.found(canaries, String.join("\n", said), processes, folder)).isEmpty();
      assertThat(processes.all()).contains("com.mcpist.cli.Main\0keys\0register");
    }
  }
}
