package com.mcpist.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.edge.call.ProxyConfig;
import com.mcpist.edge.gate.AddressBlock;
import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.LimitSettings;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.gate.auth.JwtSettings;
import com.mcpist.edge.monitor.MonitorSettings;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.PoolSettings;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EdgeConfigTest {
  private static final String SECRET = "a-gateway-secret-of-forty-characters-0000";
  private static final String TOKEN = "an-admin-token-of-32-characters-";
  private static final JsonNode SCHEMA =
      JsonMapper.shared()
          .readTree(
              Path.of(System.getProperty("mcpist.root"), "contract/edge-config.schema.json")
                  .toFile());
  private static final Set<String> OF_A_WORKER = Set.of("failover", "loadBalancer");

  /** The errors that the schema cannot express. */
  private static final Pattern BETWEEN_FIELDS =
      Pattern.compile("malformed JSON.*|EDGE_CONFIG:|.* is another|.* must not be less");

  private static final String ONE =
      "{\"origins\":[{\"name\":\"a\",\"url\":\"http://127.0.0.1:8001\"}]}";

  @Test
  void absentFieldsHaveTheirDefaults() {
    EdgeConfig config = read(ONE, Map.of());
    assertThat(config.origins())
        .containsExactly(new Origin("a", URI.create("http://127.0.0.1:8001")));
    assertThat(config.pool()).isEqualTo(PoolSettings.DEFAULTS);
    assertThat(config.monitor()).isEqualTo(MonitorSettings.DEFAULTS);
    assertThat(config.proxy()).isEqualTo(ProxyConfig.defaults("127.0.0.1", 8080));
    assertThat(config.admin()).isNull();
    assertThat(config.drained()).isEmpty();
  }

  /** Tests that the defaults and the ranges of numbers are the same as in the schema. */
  @ParameterizedTest
  @MethodSource("parts")
  void hasTheDefaultsAndTheRangesOfTheSchema(String part, Object absent, String place)
      throws Exception {
    for (Map.Entry<String, JsonNode> entry : SCHEMA.at(part + "/properties").properties()) {
      String name = entry.getKey();
      JsonNode rule = entry.getValue();
      if (OF_A_WORKER.contains(name)) {
        continue;
      }
      String value = String.valueOf(absent.getClass().getDeclaredField(name).get(absent));
      if (rule.path("default").isValueNode()) {
        assertThat(value.replaceFirst("\\.0$", ""))
            .as(name)
            .isEqualTo(rule.get("default").asString());
      }
      if (rule.has("minimum")) {
        double least = rule.get("minimum").asDouble();
        double most = rule.get("maximum").asDouble();
        double step = rule.get("type").asString().equals("integer") ? 1 : 0.01;
        for (double number : List.of(least, most, least - step, most + step)) {
          String field =
              "\"" + name + "\":" + BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
          String json = ONE.substring(0, ONE.length() - 1) + "," + place.formatted(field) + "}";
          assertThat(isRead(json)).as(json).isEqualTo(number >= least && number <= most);
        }
      }
    }
  }

  static Stream<Arguments> parts() {
    EdgeJson absent = EdgeJson.parse("{}");
    return Stream.of(
        Arguments.of("", absent, "%s"),
        Arguments.of("/properties/monitor", absent.monitor, "\"monitor\":{%s}"),
        Arguments.of("/properties/edge", absent.edge, "\"edge\":{%s}"),
        Arguments.of("/properties/limits", new EdgeJson.LimitsJson(), "\"limits\":{%s}"),
        Arguments.of("/properties/alerts", new EdgeJson.AlertsJson(), "\"alerts\":{%s}"),
        Arguments.of(
            "/properties/alerts/properties/webhooks/items", new EdgeJson.WebhookJson(), ""),
        Arguments.of("/properties/origins/items", new EdgeJson.OriginJson(), ""),
        Arguments.of("/properties/auth", new EdgeJson.AuthJson(), ""),
        Arguments.of("/properties/auth/properties/jwt", new EdgeJson.JwtJson(), ""));
  }

  private static boolean isRead(String json) {
    try {
      read(json, Map.of("EDGE_ADMIN_TOKEN", TOKEN));
      return true;
    } catch (ConfigException e) {
      return String.valueOf(e.getMessage()).contains("must not be less");
    }
  }

  @Test
  void alertsGoToTheAddressesThatTheEnvironmentHas() {
    String json =
        ONE.substring(0, ONE.length() - 1)
            + """
            ,"alerts": {"service": "s", "webhooks": [
              {"name": "a", "type": "slack", "secret": "A_URL"},
              {"name": "b", "type": "json", "secret": "B_URL"},
              {"name": "c", "type": "json", "secret": "C_URL"}]}}
            """;
    assertThat(isValid(json)).isTrue();
    EdgeConfig config =
        read(json, Map.of("A_URL", "https://x.example/T0KEN", "B_URL", "http://x.example/"));
    assertThat(config.alerts()).singleElement().hasToString("Webhook[a]");
    assertThat(config.service()).isEqualTo("s");
    assertThat(config.toString()).doesNotContain("T0KEN");
    assertThat(isRead(json.replace("slack", "mail"))).isFalse();
  }

  private static boolean isValid(String json) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(SCHEMA)
        .validate(JsonMapper.shared().readTree(json))
        .isEmpty();
  }

  @Test
  void readsEveryField() {
    String json =
        """
        {"host": "0.0.0.0", "port": 9000, "adminPort": 9001, "allowedHosts": ["MCP.example.com", "[::1]"],
         "origins": [{"name": "koyeb-primary", "url": "https://a.example/"},
                     {"name": "flyio-standby", "url": "http://[::1]:8002/a/mcp", "drained": true}],
         "monitor": {"intervalSeconds": 10, "timeoutSeconds": 0.5, "retries": 0,
                     "consecutiveDown": 3, "consecutiveUp": 1},
         "edge": {"waitSeconds": 5, "connectTimeoutMillis": 500, "idleTimeoutMillis": 2000,
                  "maxBodyBytes": 1048576, "holdDownSeconds": 2,
                  "holdDownMaxSeconds": 30, "failureWindowSeconds": 60},
         "publicStatus": true}
        """;
    assertThat(isValid(json)).isTrue();
    EdgeConfig config = read(json, Map.of("EDGE_ADMIN_TOKEN", TOKEN));
    assertThat(config.origins())
        .extracting(o -> o.url().toString())
        .containsExactly("https://a.example", "http://[::1]:8002/a/mcp");
    assertThat(config.origins())
        .extracting(o -> o.uri("/mcp?x=1"))
        .containsExactly("/mcp?x=1", "/a/mcp?x=1");
    assertThat(config.drained()).containsExactly("flyio-standby");
    assertThat(config.pool().interval()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.pool().consecutiveDown()).isEqualTo(3);
    assertThat(config.pool().consecutiveUp()).isEqualTo(1);
    assertThat(config.pool().holdDown()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.pool().holdDownMax()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.pool().failureWindow()).isEqualTo(Duration.ofSeconds(60));
    assertThat(config.monitor()).isEqualTo(new MonitorSettings(Duration.ofMillis(500), 0));
    assertThat(config.proxy().host()).isEqualTo("0.0.0.0");
    assertThat(config.proxy().port()).isEqualTo(9000);
    assertThat(config.proxy().allowedHosts())
        .isEqualTo(new HostNames(Set.of("mcp.example.com", "[::1]")));
    assertThat(config.proxy().waitMillis()).isEqualTo(5000);
    assertThat(config.proxy().connectTimeoutMillis()).isEqualTo(500);
    assertThat(config.proxy().idleTimeoutMillis()).isEqualTo(2000);
    assertThat(config.proxy().maxBodyBytes()).isEqualTo(1_048_576);
    assertThat(config.publicStatus()).isTrue();
    assertThat(config.admin()).hasToString("127.0.0.1:9001");
  }

  @Test
  void sendsTheFirstOfSeveralSecretsAndPrintsNone() {
    EdgeConfig config =
        read(ONE, Map.of("GATEWAY_SECRET", SECRET + ", other", "EDGE_ADMIN_TOKEN", TOKEN));
    assertThat(config.gatewaySecret()).isEqualTo(SECRET);
    assertThat(config.toString()).doesNotContain(SECRET).doesNotContain(TOKEN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          `{`                                   | malformed JSON at line 1
          `[]`                                  | must be a JSON object
          `null`                                | must be a JSON object
          `{} {}`                               | EDGE_CONFIG:
          `{}`                                  | origins must have one
          `{"origins":[]}`                      | origins must have one
          `{"origins":[null]}`                  | origins[0] must be an object
          `{"origins":[{"url":"http://a"}]}`    | origins[0].name must
          `{"origins":[{"name":"a b"}]}`        | origins[0].name must
          `{"origins":[{"name":"a"}]}`          | origins[0].url must be as
          `{"origins":[{"name":"a","url":"a:1"}]}` | origins[0].url must be as
          `{"origins":[{"name":"a","url":"ftp://a"}]}` | origins[0].url must be as
          `{"origins":[{"name":"a","url":"https://a/b?c"}]}` | origins[0].url must be as
          `{"origins":[{"name":"a","url":"unix:a.sock"}]}` | origins[0].url must be as
          `{"origins":[{"name":"a","url":"unix://host/a.sock"}]}` | origins[0].url must be as
          `{"origins":[{"name":"a","url":"http://a"}]}` | origins[0].url must begin with https://
          `{"origins":[{"name":"a","url":"http://localhost.example"}]}` | origins[0].url must begin with https://
          `{"origins":[{"name":"a","url":"http://a","plaintext":false}]}` | "plaintext": true allows http
          `{"origins":[{"name":"a","url":"http://a","plaintext":"yes"}]}` | origins[0].plaintext: malformed value
          `{"origins":[{"name":"a","url":"http://u:p@a"}]}` | origins[0].url must have no user
          `{"origins":[{"name":"a","url":"https://a"},{"name":"a","url":"https://b"}]}` | origins[1].name is another
          `{"origins":[{"name":"a","uri":"http://a"}]}` | origins[0].uri: unknown field
          `{"prot":1}`                          | prot: unknown field
          `{"port":"8080"}`                     | port: malformed value
          `{"port":1.5}`                        | port: malformed value
          `{"port":true}`                       | port: malformed value
          `{"port":99999999999}`                | port: malformed value
          `{"host":1}`                          | host: malformed value
          `{"port":1,"port":2}`                 | EDGE_CONFIG:
          `{"monitor":[]}`                      | monitor: malformed value
          """)
  void saysWhichFieldIsMalformed(String json, String message) {
    assertRefused(Map.of("EDGE_CONFIG", json, "GATEWAY_SECRET", SECRET), message);
    if (!BETWEEN_FIELDS.matcher(message).matches()) {
      assertThat(isValid(json)).as("the schema refuses it too").isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          `"port":65536`                          | port must be from 0 to 65535
          `"adminPort":-1`                        | adminPort must be from 0 to 65535
          `"adminSocket":"admin.sock"`            | adminSocket must be the absolute path
          `"adminPort":1,"adminSocket":"/a.sock"` | adminSocket must be absent with adminPort
          `"allowedHosts":[]`                     | allowedHosts must have a name
          `"allowedHosts":[null]`                 | allowedHosts must be names
          `"allowedHosts":["a.example:443"]`      | allowedHosts must be names
          `"allowedHosts":["https://a.example"]`  | allowedHosts must be names
          `"host":" "`                            | host must be
          `"monitor":{"intervalSeconds":0}`       | monitor.intervalSeconds must be from 0.1
          `"monitor":{"timeoutSeconds":0}`        | monitor.timeoutSeconds must be from 0.1
          `"monitor":{"retries":-1}`              | monitor.retries must be from 0
          `"monitor":{"consecutiveUp":0}`         | monitor.consecutiveUp must be from 1
          `"edge":{"waitSeconds":-1}`             | edge.waitSeconds must be from 0
          `"edge":{"connectTimeoutMillis":0}`     | edge.connectTimeoutMillis must be from 10
          `"edge":{"idleTimeoutMillis":1}`        | edge.idleTimeoutMillis must be from 100
          `"edge":{"maxBodyBytes":1}`             | edge.maxBodyBytes must be from 1024
          `"edge":{"maxBodyBytes":16777217}`      | edge.maxBodyBytes must be from 1024
          `"edge":{"holdDownSeconds":61}`         | edge.holdDownMaxSeconds must not be less
          `"auth":true`                           | auth must be "none", or an object
          `"auth":"keys"`                         | auth must be "none", or an object
          `"auth":{}`                             | auth.resource must begin with https://
          `"auth":{"resource":"https://a.example/mcp"}` | auth must have keys: true, or jwt
          `"auth":{"resource":"http://a.example/mcp","keys":true}` | auth.resource must begin with https://
          `"auth":{"resource":"https://a.example/","keys":true}` | auth.resource must be as https://mcp
          `"auth":{"resource":"https://a.example/mcp","key":true}` | auth.key: unknown field
          `"auth":{"resource":"https://a.example/mcp","jwt":{}}` | auth.jwt.issuer must be
          `"auth":{"resource":"https://a.example/mcp","jwt":{"issuer":"i","jwks":"http://b.example/"}}` | auth.jwt.jwks must begin
          `"auth":{"resource":"https://a.example/mcp","jwt":{"issuer":"i","jwks":"https://b/","scopes":["a b"]}}` | auth.jwt.scopes must be
          `"limits":"few"`                        | limits must be "none", or an object
          `"limits":true`                         | limits must be "none", or an object
          `"limits":{"userPerMinute":1}`          | limits.userPerMinute: unknown field
          `"limits":{"userPerSecond":"5"}`        | limits.userPerSecond: malformed value
          `"limits":{"userPerSecond":-1}`         | limits.userPerSecond must be from 0
          `"limits":{"trustedProxies":["all"]}`   | limits.trustedProxies must be as 10.0.0.0/8
          `"limits":{"trustedProxies":["0.0.0.0/0"]}` | and not every address
          `"limits":{"trustedProxies":["::/0"]}`  | and not every address
          """)
  void saysWhichValueIsOutOfItsRange(String field, String message) {
    String json = ONE.substring(0, ONE.length() - 1) + "," + field + "}";
    assertRefused(Map.of("EDGE_CONFIG", json, "GATEWAY_SECRET", SECRET), message);
    if (!BETWEEN_FIELDS.matcher(message).matches()) {
      assertThat(isValid(json)).as("the schema refuses it too").isFalse();
    }
  }

  @Test
  void readsWhoMayCallAndHowMuch() {
    assertThat(read(ONE, Map.of()).authentication()).isEqualTo(new Authentication.Open(false));
    assertThat(with("\"auth\":\"none\"").authentication()).isEqualTo(new Authentication.Open(true));
    assertThat(
            with("\"auth\":{\"resource\":\"https://mcp.example.com/mcp\",\"keys\":true}")
                .authentication())
        .isEqualTo(
            new Authentication.Required(URI.create("https://mcp.example.com/mcp"), true, null));
    EdgeConfig config =
        with(
            """
            "auth": {"resource": "http://localhost:8080/mcp",
              "jwt": {"issuer": "https://login.example.com/", "jwks": "https://login.example.com/keys", "scopes": ["mcp"]}},
            "limits": {"addressPerMinute": 100, "addressConnections": 9, "userBurst": 7, "trustedProxies": ["10.0.0.0/8"]}\
            """);
    URI resource = URI.create("http://localhost:8080/mcp");
    URI jwks = URI.create("https://login.example.com/keys");
    assertThat(config.authentication())
        .isEqualTo(
            new Authentication.Required(
                resource,
                false,
                new JwtSettings(
                    "https://login.example.com/", jwks, resource.toString(), Set.of("mcp"))));
    AddressBlock proxies = AddressBlock.parse("10.0.0.0/8").orElseThrow();
    assertThat(config.limits()).isEqualTo(new LimitSettings(100, 9, 5, 7, List.of(proxies)));
    assertThat(with("\"limits\":null").limits()).isNull();
  }

  @Test
  void anOriginIsAskedInClearOnThisMachineOrWhereThatIsSaid() {
    String json =
        """
        {"origins": [{"name": "a", "url": "http://localhost:1"},
                     {"name": "b", "url": "http://[::1]:2"},
                     {"name": "c", "url": "http://app.internal:8000", "plaintext": true}]}
        """;
    assertThat(read(json, Map.of()).origins())
        .extracting(o -> o.url().toString())
        .containsExactly("http://localhost:1", "http://[::1]:2", "http://app.internal:8000");
  }

  private static EdgeConfig with(String fields) {
    return read(ONE.substring(0, ONE.length() - 1) + "," + fields + "}", Map.of());
  }

  @Test
  void saysWhichVariableIsMissing() {
    assertRefused(Map.of(), "EDGE_CONFIG is not set");
    assertRefused(Map.of("EDGE_CONFIG", ONE), "GATEWAY_SECRET is not set");
    assertRefused(
        Map.of("EDGE_CONFIG", ONE, "GATEWAY_SECRET", "with space"), "GATEWAY_SECRET must be");
    String admin = ONE.substring(0, ONE.length() - 1) + ",\"adminPort\":0}";
    assertRefused(
        Map.of("EDGE_CONFIG", admin, "GATEWAY_SECRET", SECRET), "EDGE_ADMIN_TOKEN is not set");
    String shorter = TOKEN.substring(1);
    assertRefused(
        Map.of("EDGE_CONFIG", ONE, "GATEWAY_SECRET", SECRET, "EDGE_ADMIN_TOKEN", shorter),
        "EDGE_ADMIN_TOKEN must have at least 32 characters");
    assertRefused(
        Map.of("EDGE_CONFIG", ONE, "GATEWAY_SECRET", SECRET, "LOG_FORMAT", "text"),
        "LOG_FORMAT must be json, or not set");
  }

  private static void assertRefused(Map<String, String> environment, String message) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> EdgeConfig.fromEnvironment(environment))
        .withMessageContaining(message)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .doesNotContain("\n", SECRET, "with space", "tools.jackson", "java."));
  }

  private static EdgeConfig read(String json, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("EDGE_CONFIG", json);
    environment.put("GATEWAY_SECRET", SECRET);
    environment.putAll(more);
    return EdgeConfig.fromEnvironment(environment);
  }
}
