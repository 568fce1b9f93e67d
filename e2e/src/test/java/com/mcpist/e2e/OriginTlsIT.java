package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.TlsServer;
import com.mcpist.e2e.harness.WorkerProcess;
import com.mcpist.testkit.Certificates;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Origins behind TLS: only one that is who it should be gets a byte, the secret least of all. */
@Tag("long")
class OriginTlsIT {
  private static final String ANSWER =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"tools\":[]}}";
  private static final String HERE = "dns:localhost,ip:127.0.0.1";
  private static final JsonMapper JSON = JsonMapper.shared();

  private static Certificates made;
  private static TlsServer selfSigned;
  private static TlsServer otherName;
  private static TlsServer expired;
  private static TlsServer good;

  private final int port = Ports.free();
  private final int adminPort = Ports.free();

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    made = Certificates.in(folder);
    selfSigned = server(made.selfSigned(HERE));
    otherName = server(made.signed("other", "dns:other.example", "-1d", 30));
    expired = server(made.signed("expired", HERE, "-10d", 2));
    good = server(made.signed("good", HERE, "-1d", 30));
  }

  @AfterAll
  static void stop() throws IOException {
    for (TlsServer server : List.of(selfSigned, otherName, expired, good)) {
      server.close();
    }
  }

  @Test
  void onlyAnOriginWithTheRightCertificateIsTalkedTo() throws Exception {
    Map<String, String> origins = origins();
    origins.put("good-by-address", "https://127.0.0.1:" + good.port());
    try (Program edge = Program.edge(environment(origins))) {
      // Whoever connects before is told by an exception in the log.
      edge.await("it listens", () -> edge.log().contains("edge listens on"));
      edge.await("the good ones are healthy, the others not", this::isDecided);
      assertTalksToTheGoodOne(port);
      assertThat(edge.log()).doesNotContain("Exception", EdgeConfig.SECRET);
    }
  }

  @Test
  void theSameGoesForAWorker() throws Exception {
    Map<String, String> environment = new LinkedHashMap<>(EdgeConfig.environment(port, origins()));
    ObjectNode config = (ObjectNode) JSON.readTree(environment.get("EDGE_CONFIG"));
    environment.put("EDGE_CONFIG", config.put("auth", "none").put("limits", "none").toString());
    environment.put("NODE_EXTRA_CA_CERTS", made.trustedPem().toString());
    try (WorkerProcess worker = WorkerProcess.start(environment)) {
      assertTalksToTheGoodOne(worker.port());
      assertThat(worker.log()).doesNotContain(EdgeConfig.SECRET);
    }
  }

  private static Map<String, String> origins() {
    Map<String, String> origins = new LinkedHashMap<>();
    origins.put("self-signed", "https://localhost:" + selfSigned.port());
    origins.put("other-name", "https://localhost:" + otherName.port());
    origins.put("expired", "https://localhost:" + expired.port());
    origins.put("good", "https://localhost:" + good.port());
    return origins;
  }

  private static void assertTalksToTheGoodOne(int edge) throws IOException {
    int before = good.requests();
    for (int i = 0; i < 5; i++) {
      assertThat(servedBy(edge)).isEqualTo("good");
    }
    assertThat(good.requests()).isGreaterThanOrEqualTo(before + 5);
    assertThat(selfSigned.requests() + otherName.requests() + expired.requests()).isZero();
  }

  private static TlsServer server(KeyStore keys) throws Exception {
    return new TlsServer(keys, Certificates.PASSWORD.toCharArray(), ANSWER);
  }

  private Map<String, String> environment(Map<String, String> origins) {
    Map<String, String> environment = new LinkedHashMap<>(EdgeConfig.environment(port, origins));
    ObjectNode config = (ObjectNode) JSON.readTree(environment.get("EDGE_CONFIG"));
    environment.put("EDGE_CONFIG", config.put("adminPort", adminPort).toString());
    environment.put("EDGE_ADMIN_TOKEN", EdgeConfig.SECRET);
    // As an operator with an authority of their own says it (docs/design/processes.md).
    environment.put(
        "JAVA_TOOL_OPTIONS",
        "-Djavax.net.ssl.trustStore="
            + made.trusted()
            + " -Djavax.net.ssl.trustStorePassword="
            + Certificates.PASSWORD);
    return environment;
  }

  private boolean isDecided() throws IOException {
    String request =
        "GET /status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(EdgeConfig.SECRET);
    JsonNode origins = JSON.readTree(RawHttp.exchange(adminPort, request).body()).path("origins");
    for (JsonNode origin : origins) {
      boolean good = origin.path("name").asString().startsWith("good");
      String state = origin.path("state").asString();
      String reason = origin.path("lastFailure").path("reason").asString("");
      if (!(good
          ? state.equals("healthy")
          : state.equals("unhealthy") && reason.contains("certificate"))) {
        throw new IOException(origins.toString());
      }
    }
    return origins.size() == 5;
  }

  private static String servedBy(int port) throws IOException {
    try (McpConnection client = McpConnection.open(port)) {
      McpConnection.Reply reply = client.request("tools/list", Map.of());
      assertThat(reply.status()).isEqualTo(200);
      return reply.servedBy();
    }
  }
}
