package com.mcpist.edge.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.gate.LimitSettings;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.gate.auth.JwtSettings;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Issuer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Runs the vectors of contract/errors over the wire, which any edge must pass. */
class ErrorVectorsTest {
  private static final Behaviour KNOWN =
      new Behaviour.Answer(204, Map.of("X-Ledger", "kept"), new byte[0]);
  private static final Authentication OPEN = new Authentication.Open(true);

  record Vector(JsonNode json) {
    @Override
    public String toString() {
      return json.path("description").asString();
    }
  }

  static Stream<Vector> vectors() {
    Path file = Path.of(System.getProperty("mcpist.root"), "contract", "errors", "calls.json");
    return JsonMapper.shared()
        .readTree(file.toFile())
        .valueStream()
        .filter(each -> each.path("at").valueStream().anyMatch(at -> at.asString().equals("edge")))
        .map(Vector::new);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void passes(Vector vector) throws IOException {
    JsonNode json = vector.json();
    JsonNode request = json.path("request");
    String body = request.isString() ? request.asString() : request.toString();
    String key = json.has("header") ? "Idempotency-Key: " + json.path("header").asString() : "";
    HttpMessage response = response(json, key, body);
    assertThat(response.status()).isEqualTo(json.path("status").asInt());
    assertThat(response.header("Retry-After").isPresent())
        .isEqualTo(json.path("retryAfter").asBoolean());
    JsonNode answer = JsonMapper.shared().readTree(response.text());
    List<JsonNode> errors = answer.isArray() ? answer.valueStream().toList() : List.of(answer);
    assertThat(answer.isArray()).isEqualTo(request.isArray());
    assertThat(errors).hasSameSizeAs(json.path("errors").valueStream().toList());
    for (int i = 0; i < errors.size(); i++) {
      check(errors.get(i), json.path("errors").get(i));
    }
  }

  private static HttpMessage response(JsonNode vector, String key, String body) throws IOException {
    switch (vector.path("refusal").asString("")) {
      case "rate_limited" -> {
        LimitSettings once = new LimitSettings(0, 0, 1, 1, List.of());
        try (TestEdge edge = TestEdge.start(UnaryOperator.identity(), OPEN, once, () -> 7)) {
          edge.first.always(Behaviour.answer(200, TestEdge.ANSWER));
          edge.call();
          return edge.post(key, body);
        }
      }
      case "auth_unavailable" -> {
        try (Issuer issuer = Issuer.start()) {
          PublicJsonWebKey signs = issuer.key("one", "ES256");
          issuer.server().always(Behaviour.status(404));
          URI resource = URI.create("https://mcp.example.com/mcp");
          JwtSettings jwt =
              new JwtSettings(Issuer.NAME, issuer.jwks(), resource.toString(), Set.of());
          Authentication asks = new Authentication.Required(resource, false, jwt);
          try (TestEdge edge = TestEdge.start(UnaryOperator.identity(), asks, LimitSettings.NONE)) {
            String token =
                Issuer.token(signs, "ES256", Issuer.claims(resource.toString(), "alice"));
            return edge.post(
                "Authorization: Bearer " + token + (key.isEmpty() ? "" : "\n" + key), body);
          }
        }
      }
      case "overloaded" -> {
        try (TestEdge edge = TestEdge.start(ErrorVectorsTest::withoutRoom)) {
          return edge.post(key, body);
        }
      }
      default -> {
        try (TestEdge edge = TestEdge.start()) {
          edge.origins.keep = vector.path("ledger").asBoolean(true);
          edge.second.refuse();
          if (vector.path("outcome").asString().equals("notRun")) {
            edge.first.refuse();
          } else {
            boolean held = vector.path("outcome").asString().equals("held");
            boolean told = !held && vector.path("told").asBoolean(true);
            edge.first.handle(
                request ->
                    told && request.header("X-Undelivered").isPresent()
                        ? KNOWN
                        : Behaviour.resetBefore());
            if (held) {
              JsonNode call = vector.path("request");
              edge.post("", (call.isArray() ? call.get(call.size() - 1) : call).toString());
            }
          }
          return edge.post(key, body);
        }
      }
    }
  }

  private static ProxyConfig withoutRoom(ProxyConfig config) {
    return new ProxyConfig(
        config.host(),
        0,
        config.waitMillis(),
        config.connectTimeoutMillis(),
        config.idleTimeoutMillis(),
        config.attemptMillis(),
        config.maxBodyBytes(),
        10,
        config.clients(),
        config.allowedHosts());
  }

  private static void check(JsonNode answer, JsonNode wanted) {
    assertThat(answer.path("id")).isEqualTo(wanted.path("id"));
    assertThat(answer.path("error").path("code").asInt()).isEqualTo(-32000);
    assertThat(answer.path("error").path("message")).isEqualTo(wanted.path("message"));
    ObjectNode data = (ObjectNode) answer.path("error").path("data");
    String callId = data.remove("callId").asString();
    assertThat(UUID.fromString(callId).version()).isEqualTo(7);
    ObjectNode expected = (ObjectNode) wanted.path("data").deepCopy();
    if (expected.has("idempotencyKey")) {
      String key = expected.path("idempotencyKey").asString().replace("{callId}", callId);
      expected.put("idempotencyKey", key);
      Instant until = Instant.parse(data.remove("keyUntil").asString());
      assertThat(until)
          .isCloseTo(
              until(expected.remove("keyUntil").asString(), callId), within(1, ChronoUnit.MINUTES));
    }
    assertThat(data).isEqualTo(expected);
  }

  private static Instant until(String text, String callId) {
    return switch (text) {
      case "{callId + 15 min}" ->
          Instant.ofEpochMilli(UUID.fromString(callId).getMostSignificantBits() >>> 16)
              .plus(Duration.ofMinutes(15));
      case "{now + 24 h}" -> Instant.now().plus(Duration.ofHours(24));
      default -> Instant.parse(text);
    };
  }
}
