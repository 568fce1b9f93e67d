package com.mcpist.e2e.contract;

import static com.mcpist.e2e.contract.ContractRig.CALL;
import static com.mcpist.e2e.contract.ContractRig.WHOLE;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.WorkerProcess;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What only the Worker has: secrets that may be missing, isolates that share KV, a load balancer.
 */
class WorkerIT {
  private static final String TOKENS = "next-admin-token-0123456789,admin-token-0123456789";
  private static final String NONCE = "A".repeat(43);
  private final FaultyOrigin first = new FaultyOrigin().always(WHOLE);
  private final FaultyOrigin second = new FaultyOrigin().always(WHOLE);
  private final Map<String, String> bindings = new HashMap<>();

  @BeforeEach
  void bind() {
    bindings.put("EDGE_CONFIG", config().toString());
    bindings.put("GATEWAY_SECRET", EdgeConfig.SECRET + ",the-old-one");
    bindings.put("ADMIN_TOKEN", TOKENS);
    bindings.put("RELEASE", "r1");
  }

  @AfterEach
  void stop() throws IOException {
    first.close();
    second.close();
  }

  private ObjectNode config() {
    ObjectNode config =
        JsonMapper.shared().createObjectNode().put("auth", "none").put("limits", "none");
    var origins = config.putArray("origins");
    origins.addObject().put("name", "first").put("url", first.url());
    origins.addObject().put("name", "second").put("url", second.url());
    config.putObject("monitor").put("intervalSeconds", 0.1).put("timeoutSeconds", 1);
    config.putObject("edge").put("waitSeconds", 1);
    return config;
  }

  @Test
  void theLoadBalancerIsAskedFirstAndTheNextOriginDirectly() throws IOException {
    try (FaultyOrigin balancer = new FaultyOrigin().always(WHOLE)) {
      ObjectNode config = config();
      config.put("failover", "load_balancer").put("loadBalancer", balancer.url());
      bindings.put("EDGE_CONFIG", config.toString());
      try (WorkerProcess worker = WorkerProcess.start(bindings)) {
        assertThat(call(worker).status()).isEqualTo(200);
        assertThat(balancer.calls()).hasSize(1);
        assertThat(first.calls()).isEmpty();
        balancer.always(Behaviour.resetBefore());
        first.health(Behaviour.status(503));
        HttpMessage response = call(worker);
        assertThat(response.header("X-Served-By")).contains("second");
        assertThat(response.header("X-Attempts")).contains("2");
        assertThat(balancer.calls()).hasSize(2);
        assertThat(call(worker).header("X-Attempts")).as("it is known").contains("1");
        assertThat(balancer.calls()).hasSize(2);
        assertThat(first.calls()).isEmpty();
      }
    }
  }

  @Test
  void whatIsMadeOfMcpistYmlIsWhatItReadsAndOnlyTheDomainIsAnswered(@TempDir Path folder)
      throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("mcpist.yml"),
            """
            domain: notes.example.com
            auth: none
            origins:
              - {name: first, url: "%s"}
              - {name: second, url: "%s"}
            cloudflare: {account: 0123456789abcdef0123456789abcdef}
            """
                .formatted(first.url(), second.url()));
    Deployment deployment = DeploymentFile.read(file);
    Guard guard = Guard.inProduction(deployment, Map.of());
    bindings.put(
        "EDGE_CONFIG",
        com.mcpist.deploy.edgeclient.EdgeConfig.worker(deployment, guard).toString());
    try (WorkerProcess worker = WorkerProcess.start(bindings)) {
      String post = RawHttp.post("/mcp", "", CALL);
      String there = post.replaceFirst("Host: [^\\r]*", "Host: notes.example.com");
      HttpMessage response = RawHttp.exchange(worker.port(), there);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.header("X-Served-By")).contains("first");
      assertThat(RawHttp.exchange(worker.port(), post).status()).isEqualTo(421);
    }
  }

  @Test
  void aStreamThatLastsEndsWhenAnOriginThatToldThatItIsThereFallsSilent() throws IOException {
    ObjectNode config = config();
    config.putObject("edge").put("waitSeconds", 1).put("idleTimeoutMillis", 500);
    bindings.put("EDGE_CONFIG", config.toString());
    Behaviour hung =
        new Behaviour.Sse(
            List.of(": here\n\n", ": here\n\n"), Duration.ofMillis(20), Behaviour.Ending.SILENCE);
    first.always(hung);
    try (WorkerProcess worker = WorkerProcess.start(bindings)) {
      HttpMessage stream =
          RawHttp.exchange(
              worker.port(),
              "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
      assertThat(stream.status()).isEqualTo(200);
      assertThat(stream.text()).as("it has ended").isEqualTo(": here\n\n: here\n\n");
    }
  }

  @Test
  void whatTheCronTriggerFindsIsKnownToANewIsolate(@TempDir Path kv) throws IOException {
    bindings.put("KV_FOLDER", kv.toString());
    try (WorkerProcess worker = WorkerProcess.start(bindings)) {
      assertThat(lastTick(worker).isNull()).as("it has never run").isTrue();
      assertThat(worker.cron()).isEqualTo("ok");
      assertThat(lastTick(worker).path("release").asString("")).isEqualTo("r1");
      assertThat(Instant.parse(lastTick(worker).path("at").asString("")))
          .isBetween(Instant.now().minusSeconds(60), Instant.now());
      assertThat(call(worker).header("X-Served-By")).contains("first");
      administer(worker, "POST", "/origins/second/drain?force=true", "");
      first.refuse();
      assertThat(worker.cron()).isEqualTo("ok");
    }
    try (WorkerProcess worker = WorkerProcess.start(bindings)) {
      assertThat(call(worker).text()).contains("\"error\":");
      assertThat(second.calls()).as("drained").isEmpty();
      Conditions.await(
          "it is logged",
          () -> worker.log().contains("origin first: healthy -> unhealthy: /health: connection"));
      first.listen();
      administer(worker, "POST", "/origins/second/undrain", "");
      HttpMessage response = call(worker);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.header("X-Attempts")).contains("1");
    }
  }

  private static JsonNode lastTick(WorkerProcess worker) throws IOException {
    String status = administer(worker, "GET", "/status", "").text();
    return JsonMapper.shared().readTree(status).path("cron");
  }

  @Test
  void withoutASecretNothingIsForwarded() throws IOException {
    bindings.remove("GATEWAY_SECRET");
    try (WorkerProcess worker = WorkerProcess.start(bindings)) {
      HttpMessage response = call(worker);
      assertThat(response.status()).isEqualTo(500);
      assertThat(response.text()).contains("misconfigured").doesNotContain("GATEWAY_SECRET");
      assertThat(get(worker, "/health").status()).isEqualTo(503);
      assertThat(administer(worker, "GET", "/status", "").status()).isEqualTo(500);
      Conditions.await("it is logged", () -> worker.log().contains("GATEWAY_SECRET"));
      assertThat(worker.log()).doesNotContain(TOKENS);
      assertThat(first.calls()).isEmpty();
      assertThat(first.healthRequests()).isEmpty();
    }
  }

  @Test
  void withAWrongConfigurationEveryAnswerSaysNoMoreThanThat() throws IOException {
    bindings.put(
        "EDGE_CONFIG", "{\"origins\":[{\"name\":\"a\",\"url\":\"https://u:pw@a.example\"}]}");
    try (WorkerProcess worker = WorkerProcess.start(bindings)) {
      assertThat(call(worker).status()).isEqualTo(500);
      assertThat(get(worker, "/health").status()).isEqualTo(503);
      Conditions.await("it is logged", () -> worker.log().contains("origins[0].url"));
      assertThat(worker.log()).doesNotContain("u:pw");
    }
  }

  @Test
  void secretsAreProvedToWhoHasTwoOfThem() throws Exception {
    try (WorkerProcess worker = WorkerProcess.start(bindings)) {
      String body = "{\"nonce\":\"" + NONCE + "\",\"names\":[\"GATEWAY_SECRET\",\"OTHER_KEY\"]}";
      String secret = "X-Gateway-Secret: the-old-one\r\n";
      HttpMessage response = administer(worker, "POST", "/secrets", secret, body);
      assertThat(response.status()).isEqualTo(200);
      JsonNode told = JsonMapper.shared().readTree(response.body());
      assertThat(told.path("names").toString()).isEqualTo("[\"ADMIN_TOKEN\",\"GATEWAY_SECRET\"]");
      assertThat(told.path("proofs").toString())
          .isEqualTo("{\"GATEWAY_SECRET\":\"" + proof(EdgeConfig.SECRET + ",the-old-one") + "\"}");
      assertThat(administer(worker, "POST", "/secrets", "", body).status()).isEqualTo(403);
      String wrong = "X-Gateway-Secret: guessed\r\n";
      assertThat(administer(worker, "POST", "/secrets", wrong, body).status()).isEqualTo(403);
      assertThat(administer(worker, "POST", "/secrets", secret, "{}").status()).isEqualTo(400);
      assertThat(administer(worker, "GET", "/status", "").text()).contains("\"release\":\"r1\"");
    }
  }

  private static String proof(String value) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(value.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    String message = "mcpist secret check v1\nGATEWAY_SECRET\n" + NONCE;
    return HexFormat.of().formatHex(mac.doFinal(message.getBytes(StandardCharsets.UTF_8)));
  }

  private static HttpMessage call(WorkerProcess worker) throws IOException {
    return RawHttp.exchange(worker.port(), RawHttp.post("/mcp", "", CALL));
  }

  private static HttpMessage get(WorkerProcess worker, String path) throws IOException {
    return RawHttp.exchange(
        worker.port(), "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(path));
  }

  private static HttpMessage administer(
      WorkerProcess worker, String method, String path, String headers) throws IOException {
    return administer(worker, method, path, headers, "");
  }

  private static HttpMessage administer(
      WorkerProcess worker, String method, String path, String headers, String body)
      throws IOException {
    String token = TOKENS.split(",", -1)[1];
    return RawHttp.exchange(
        worker.port(),
        "%s /api/edge%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n%sContent-Length: %d\r\n\r\n%s"
            .formatted(method, path, token, headers, body.length(), body));
  }
}
