package com.mcpist.edge.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.call.CallCounts;
import com.mcpist.edge.call.Calls;
import com.mcpist.edge.call.Quarantine;
import com.mcpist.edge.monitor.OriginPool;
import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins.Failure;
import com.mcpist.edge.pool.PoolSettings;
import com.mcpist.edge.time.MonotonicClock;
import com.mcpist.telemetry.Metrics;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AdminServerTest {
  private static final String TOKEN = "an-admin-token-of-some-length";
  private static final Origin A = new Origin("koyeb-primary", URI.create("http://127.0.0.1:1"));
  private static final Origin B = new Origin("flyio-standby", URI.create("http://127.0.0.1:2"));

  private static final Calls.Status CALLS =
      new Calls.Status(
          new CallCounts(7, 2, 3),
          List.of(
              new Quarantine.Entry("id", "save", "ann", 12, Instant.parse("2026-11-27T10:00:00Z"))),
          -42L);

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private final OriginPool pool =
      new OriginPool(vertx, List.of(A, B), PoolSettings.DEFAULTS, new MonotonicClock());
  private final SentSecret secret = new SentSecret("s".repeat(32));
  private final AtomicInteger retirements = new AtomicInteger();
  private AdminServer admin;

  @BeforeEach
  void start() throws Exception {
    admin =
        new AdminServer(
                vertx,
                pool,
                name -> name.equals(A.name()) ? "r7" : null,
                () -> CALLS,
                new Metrics("edge", pool.collectors()),
                TOKEN,
                secret,
                retirements::incrementAndGet)
            .listen(SocketAddress.inetSocketAddress(0, "127.0.0.1"))
            .await(30, TimeUnit.SECONDS);
    for (Origin origin : pool.origins()) {
      for (int i = 0; i < 3; i++) {
        pool.observe(new Observation.ProbeUp(origin.name()));
      }
    }
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  void tellsTheStateOfEveryOrigin() throws Exception {
    pool.failed(B, Failure.RESET, "reset by peer");
    HttpResponse<String> response = send("GET", "/status", "Bearer " + TOKEN);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(json(response).get("calls").toString())
        .isEqualTo("{\"answered\":7,\"failed\":2,\"replayed\":3}");
    assertThat(json(response).get("quarantined").toString())
        .isEqualTo(
            "[{\"callId\":\"id\",\"tool\":\"save\",\"user\":\"ann\",\"bytes\":12,"
                + "\"at\":\"2026-11-27T10:00:00Z\"}]");
    assertThat(json(response).get("clockSkewMillis").asLong()).isEqualTo(-42);
    JsonNode origins = json(response).get("origins");
    assertThat(origins.get(0).toString())
        .isEqualTo(
            "{\"name\":\"koyeb-primary\",\"url\":\"http://127.0.0.1:1\",\"state\":\"healthy\","
                + "\"active\":true,\"release\":\"r7\",\"lastFailure\":null}");
    JsonNode standby = origins.get(1);
    assertThat(standby.get("state").asString()).isEqualTo("suspect");
    assertThat(standby.get("active").asBoolean()).isFalse();
    assertThat(standby.get("release").isNull()).isTrue();
    assertThat(standby.get("lastFailure").get("reason").asString())
        .isEqualTo("a call was cut off (reset by peer)");
    assertThat(Instant.parse(standby.get("lastFailure").get("at").asString())).isNotNull();
  }

  @Test
  void tellsTheMetrics() throws Exception {
    post("/origins/koyeb-primary/drain");
    HttpResponse<String> response = send("GET", "/metrics", "Bearer " + TOKEN);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain");
    assertThat(response.body().lines())
        .contains(
            "mcpist_failovers_total{to=\"flyio-standby\"} 1.0",
            "mcpist_failovers_total{to=\"koyeb-primary\"} 0.0",
            "mcpist_origin_active{origin=\"flyio-standby\"} 1.0",
            "mcpist_origin_active{origin=\"koyeb-primary\"} 0.0",
            "mcpist_origin_state{origin=\"koyeb-primary\",state=\"drained\"} 1.0",
            "mcpist_origin_state{origin=\"koyeb-primary\",state=\"healthy\"} 0.0");
    assertThat(send("GET", "/metrics", "").statusCode()).isEqualTo(401);
  }

  @Test
  void twoTokensAreNone() throws Exception {
    HttpRequest twice =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + "/status"))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Authorization", "Bearer guess")
            .build();
    HttpResponse<String> refused = client.send(twice, BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("Server")).isEmpty();
  }

  @Test
  void drainsAndUndrains() throws Exception {
    HttpResponse<String> drained = post("/origins/koyeb-primary/drain");
    assertThat(drained.statusCode()).isEqualTo(200);
    JsonNode origins = json(drained).get("origins");
    assertThat(origins.get(0).get("state").asString()).isEqualTo("drained");
    assertThat(origins.get(1).get("active").asBoolean()).isTrue();

    HttpResponse<String> refused = post("/origins/flyio-standby/drain");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(error(refused)).isEqualTo("no_healthy_origin");
    assertThat(pool.state().active()).isEqualTo("flyio-standby");

    HttpResponse<String> back = post("/origins/koyeb-primary/undrain");
    assertThat(json(back).get("origins").get(0).get("active").asBoolean()).isTrue();
  }

  @Test
  void retiresWhenAnotherEdgeHasTakenOver() throws Exception {
    assertThat(send("POST", "/retire", "Bearer other").statusCode()).isEqualTo(401);
    assertThat(send("GET", "/retire", "Bearer " + TOKEN).statusCode()).isEqualTo(405);
    assertThat(retirements).hasValue(0);
    assertThat(post("/retire").statusCode()).isEqualTo(202);
    assertThat(retirements).hasValue(1);
  }

  @Test
  void staysWhereNoOtherEdgeCanTakeOver() throws Exception {
    AdminServer alone =
        new AdminServer(
                vertx,
                pool,
                name -> null,
                () -> CALLS,
                new Metrics("edge", List.of()),
                TOKEN,
                secret,
                null)
            .listen(SocketAddress.inetSocketAddress(0, "127.0.0.1"))
            .await(30, TimeUnit.SECONDS);
    admin.close().await(30, TimeUnit.SECONDS);
    admin = alone;
    assertThat(error(post("/retire"))).isEqualTo("not_inherited");
  }

  @Test
  void drainsTheLastOneWhenForced() throws Exception {
    assertThat(post("/origins/koyeb-primary/drain").statusCode()).isEqualTo(200);
    assertThat(post("/origins/flyio-standby/drain?force=true").statusCode()).isEqualTo(200);
    assertThat(pool.state().active()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Bearer ", "Bearer wrong", "Basic " + TOKEN, TOKEN, "Bearer " + TOKEN + "x"})
  void asksForTheToken(String authorization) throws Exception {
    HttpResponse<String> response = send("POST", "/origins/koyeb-primary/drain", authorization);
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    assertThat(error(response)).isEqualTo("unauthorized");
    assertThat(response.body()).doesNotContain(TOKEN);
    assertThat(pool.state().origin("koyeb-primary").drained()).isFalse();
  }

  @Test
  void saysWhatIsWrongWithARequest() throws Exception {
    assertThat(error(post("/origins/other/drain"))).isEqualTo("unknown_origin");
    assertThat(post("/origins/other/drain").statusCode()).isEqualTo(404);
    assertThat(post("/nothing").statusCode()).isEqualTo(404);
    assertThat(post("/origins/koyeb-primary/").statusCode()).isEqualTo(404);
    HttpResponse<String> wrongMethod = post("/status");
    assertThat(wrongMethod.statusCode()).isEqualTo(405);
    assertThat(wrongMethod.headers().firstValue("Allow")).hasValue("GET");
    assertThat(send("GET", "/origins/koyeb-primary/drain", "Bearer " + TOKEN).statusCode())
        .isEqualTo(405);
    assertThat(json(wrongMethod).get("error").get("correlationId").asString()).hasSize(36);
  }

  private HttpResponse<String> post(String path) throws Exception {
    return send("POST", path, "Bearer " + TOKEN);
  }

  private HttpResponse<String> send(String method, String path, String authorization)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path))
            .method(method, BodyPublishers.noBody());
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> response) {
    return JsonMapper.shared().readTree(response.body());
  }

  private static String error(HttpResponse<String> response) {
    return json(response).get("error").get("code").asString();
  }
}
