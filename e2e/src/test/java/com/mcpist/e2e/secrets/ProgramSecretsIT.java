package com.mcpist.e2e.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Canary;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.Ports;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Programs that cannot start, or not work, say which variable is to blame, and not its value. */
class ProgramSecretsIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Canary gateway = Canary.of("GATEWAY_SECRET");
  private final Canary admin = Canary.of("ADMIN_TOKEN");
  private final Canary database = Canary.of("DATABASE_URL", "postgres://mcpist:%s@127.0.0.1:1/x");
  private final List<Canary> canaries = List.of(gateway, admin, database);

  @Test
  void anOriginThatCannotStartTellsNoValue() throws Exception {
    List<Program> started =
        List.of(
            origin("GATEWAY_SECRET", gateway.value().substring(20)),
            origin("GATEWAY_SECRET", gateway.as("%s\n%<s").value()),
            origin("ADMIN_TOKEN", admin.value().substring(20)),
            origin("DATABASE_URL", database.as("%s/ /x").value()),
            origin("DATABASE_URL", database.value().replace("postgres:", "mysql:")));

    assertThat(ended(started)).contains("GATEWAY_SECRET", "ADMIN_TOKEN", "DATABASE_URL");
  }

  @Test
  void anEdgeThatCannotStartTellsNoValue() throws Exception {
    List<Program> started =
        List.of(
            edge("GATEWAY_SECRET", gateway.as("%s\n%<s").value()),
            edge("GATEWAY_SECRET", gateway.value().substring(20) + " " + gateway.value()),
            edge("EDGE_CONFIG", "{\"prot\":1}"));

    assertThat(ended(started)).contains("GATEWAY_SECRET", "EDGE_CONFIG");
  }

  /** It goes on, and tells again and again that it has none. */
  @Test
  void anOriginWithoutItsDatabaseTellsNoValue() throws Exception {
    try (Program program = origin("LOG_PREFIX", "[test]")) {
      program.await(
          "it has told so", () -> program.log().toLowerCase(Locale.ROOT).contains("database"));
      program.terminate();
      var _ = program.awaitExit(LIMIT);
      assertThat(Canary.found(canaries, "the log", program.log())).isEmpty();
    }
  }

  private Program origin(String name, String value) throws IOException {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "ENVIRONMENT", "production-primary",
                "HOST", "127.0.0.1",
                "PORT", Integer.toString(Ports.free()),
                "GATEWAY_SECRET", gateway.value(),
                "ADMIN_TOKEN", admin.value(),
                "DATABASE_URL", database.value()));
    environment.put(name, value);
    return Program.origin(environment);
  }

  private Program edge(String name, String value) throws IOException {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "EDGE_CONFIG", "{\"origins\":[{\"name\":\"a\",\"url\":\"http://127.0.0.1:1\"}]}",
                "GATEWAY_SECRET", gateway.value(),
                "EDGE_ADMIN_TOKEN", admin.value()));
    environment.put(name, value);
    return Program.edge(environment);
  }

  /** What all of them have written, once they have ended. */
  private String ended(List<Program> started) throws IOException {
    List<String> logs = new ArrayList<>();
    for (Program program : started) {
      try (program) {
        assertThat(program.awaitExit(LIMIT)).isNotZero();
        logs.add(program.log());
      }
    }
    String all = String.join("\n", logs);
    assertThat(Canary.found(canaries, "a log", all)).isEmpty();
    return all;
  }
}
