package com.mcpist.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.alert.DatabaseRoom;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OriginConfigTest {
  private static final String OLD = "old-".repeat(8);
  private static final String NEW = "new-".repeat(8);
  private static final Map<String, String> PRODUCTION =
      Map.of(
          "ENVIRONMENT", "production-primary",
          "GATEWAY_SECRET", OLD + "," + NEW,
          "DATABASE_URL", "postgres://u:pass@db:5432/d");

  private static Map<String, String> production(String name, String value) {
    Map<String, String> variables = new HashMap<>(PRODUCTION);
    variables.put(name, value);
    return variables;
  }

  @Test
  void developmentNeedsNothing() throws Exception {
    OriginConfig config = OriginConfig.of(Map.of("ENVIRONMENT", "development"));

    assertThat(config.development()).isTrue();
    assertThat(config.gatewaySecrets()).isEmpty();
    assertThat(config.address().host()).isEqualTo("127.0.0.1");
    assertThat(config.address().port()).isEqualTo(8000);
    assertThat(config.database().url()).hasToString("postgres://postgres@127.0.0.1:5432/postgres");
    assertThat(config.database().migrations()).isEmpty();
    assertThat(config.database().development()).isTrue();
    assertThat(config.database().poolSize()).isEqualTo(10);
    assertThat(config.release()).isEqualTo("dev");
    assertThat(config.imageDigest()).isEmpty();
    assertThat(config.instance()).endsWith("-" + ProcessHandle.current().pid());
    assertThat(config.supervised()).isFalse();
  }

  @Test
  void mountsAreReadStrictlyAndPrintNothing() throws Exception {
    OriginConfig config =
        OriginConfig.of(production("MOUNTS", "{\"mcpServers\": {\"x\": {\"command\": \"true\"}}}"));

    assertThat(config.mounted().config().entries()).hasSize(1);
    assertThat(config.toString()).doesNotContain(OLD);
    assertThat(OriginConfig.of(PRODUCTION).mounted().config().entries()).isEmpty();
    assertThatThrownBy(() -> OriginConfig.of(production("MOUNTS_HIDDEN", "/data")))
        .hasMessageContaining("MOUNTS_HIDDEN must be a JSON array");
    assertThatThrownBy(() -> OriginConfig.of(production("MOUNTS", "{}")))
        .isInstanceOf(OriginConfig.ConfigException.class)
        .hasMessageContaining("MOUNTS");
  }

  @Test
  void aUnixSocketStandsInThePlaceOfAHostAndAPort() throws Exception {
    Map<String, String> variables = new HashMap<>(PRODUCTION);
    variables.put("SOCKET", "/run/mcpist/origin-1.sock");
    assertThat(OriginConfig.of(variables).address())
        .isEqualTo(SocketAddress.domainSocketAddress("/run/mcpist/origin-1.sock"));

    variables.put("PORT", "8000");
    assertThatThrownBy(() -> OriginConfig.of(variables))
        .isInstanceOf(OriginConfig.ConfigException.class)
        .hasMessageContaining("SOCKET must not be set together with HOST or PORT");
    variables.remove("PORT");
    variables.put("SOCKET", "origin.sock");
    assertThatThrownBy(() -> OriginConfig.of(variables))
        .isInstanceOf(OriginConfig.ConfigException.class)
        .hasMessageContaining("absolute path");
  }

  @Test
  void productionHasItAll() throws Exception {
    Map<String, String> variables = new HashMap<>(PRODUCTION);
    variables.putAll(
        Map.of(
            "ADMIN_TOKEN", "t".repeat(32) + "," + "u".repeat(32),
            "PORT", "9000",
            "MIGRATION_DATABASE_URL", "postgres://u:pass@direct/d",
            "DATABASE_POOL_SIZE", "3",
            "RELEASE", "v1",
            "INSTANCE", "koyeb-1",
            "SUPABASE_URL", "https://x.supabase.co",
            "SUPABASE_KEY", "key",
            "STRIPE_SECRET_KEY", "sk",
            "MCPIST_SUPERVISED", "true"));
    variables.putAll(
        Map.of("MODULE_COUNTER_MOST", "9", "MODULE_COUNTER_NONE", "", "MODULE_OTHER_MOST", "8"));
    variables.putAll(Map.of("DATABASE_DISK", "/", "DATABASE_LIMIT", "8GiB"));

    OriginConfig config = OriginConfig.of(variables);

    assertThat(config.address().host()).isEqualTo("0.0.0.0");
    assertThat(config.address().port()).isEqualTo(9000);
    assertThat(config.gatewaySecrets())
        .extracting(OriginConfig.Secret::value)
        .containsExactly(OLD, NEW);
    assertThat(config.adminTokens())
        .containsExactly(
            new OriginConfig.Secret("t".repeat(32)), new OriginConfig.Secret("u".repeat(32)));
    assertThat(config.database().migrations().orElseThrow().hosts()).isEqualTo("direct");
    assertThat(config.database().poolSize()).isEqualTo(3);
    assertThat(config.instance()).isEqualTo("koyeb-1");
    assertThat(config.modules().of("counter"))
        .containsOnly(
            Map.entry("MODULE_COUNTER_MOST", "9"),
            Map.entry("SUPABASE_URL", "https://x.supabase.co"),
            Map.entry("SUPABASE_KEY", "key"),
            Map.entry("STRIPE_SECRET_KEY", "sk"));
    assertThat(config.supervised()).isTrue();
    assertThat(config.databaseRoom()).isEqualTo(new DatabaseRoom(Path.of("/"), 8L << 30));
  }

  @Test
  void aKeyOfStripeIsOfItsEnvironmentWhereSomethingIsSold() throws Exception {
    Map<String, String> variables = new HashMap<>(PRODUCTION);
    variables.put("STRIPE_SECRET_KEY", "sk_test_1");
    assertThat(OriginConfig.of(variables).billing().configured()).isFalse();
    variables.put(
        "BILLING",
        "{\"plans\": {\"pro\": \"price_1\"}, \"free\": \"standard\", \"graceDays\": 7,"
            + " \"returnUrl\": \"https://example.com/\"}");

    assertThatExceptionOfType(OriginConfig.ConfigException.class)
        .isThrownBy(() -> OriginConfig.of(variables))
        .withMessageStartingWith("STRIPE_SECRET_KEY is a test key, and ENVIRONMENT is production")
        .withMessageNotContaining("sk_test_1");
    variables.put("ENVIRONMENT", "test-primary");
    assertThat(OriginConfig.of(variables).billing().on()).isTrue();
    assertThat(OriginConfig.of(variables).billing().problems())
        .containsExactly("billing: STRIPE_WEBHOOK_SECRET is not set");
    variables.put("STRIPE_SECRET_KEY", "rk_live_1");
    assertThatExceptionOfType(OriginConfig.ConfigException.class)
        .isThrownBy(() -> OriginConfig.of(variables))
        .withMessageStartingWith("STRIPE_SECRET_KEY is a live key");
    variables.put("STRIPE_SECRET_KEY", "");
    assertThat(OriginConfig.of(variables).billing().on()).isFalse();
    variables.put("BILLING", "{}");
    assertThatExceptionOfType(OriginConfig.ConfigException.class)
        .isThrownBy(() -> OriginConfig.of(variables))
        .withMessageStartingWith("BILLING must be");
  }

  @Test
  void itPrintsNoSecret() throws Exception {
    Map<String, String> variables = new HashMap<>(PRODUCTION);
    variables.put("SUPABASE_KEY", "supabase-key");
    variables.put("STRIPE_SECRET_KEY", "stripe-key");

    assertThat(OriginConfig.of(variables).toString())
        .contains("production-primary", "[redacted]")
        .doesNotContain(OLD, NEW, "pass", "supabase-key", "stripe-key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "production-primary", "staging", "Development"})
  void outsideDevelopmentItNeedsAGatewaySecret(String environment) {
    for (String secret : new String[] {null, ""}) {
      Map<String, String> variables = production("ENVIRONMENT", environment);
      variables.put("GATEWAY_SECRET", secret);

      assertThatThrownBy(() -> OriginConfig.of(variables))
          .isInstanceOf(OriginConfig.ConfigException.class)
          .hasMessageContaining("GATEWAY_SECRET is not set");
    }
  }

  @Test
  void withoutAnEnvironmentTheSecretIsAskedFor() throws Exception {
    OriginConfig config = OriginConfig.of(production("ENVIRONMENT", ""));

    assertThat(config.development()).isFalse();
    assertThat(config.gatewaySecrets()).hasSize(2);
  }

  @Test
  void outsideDevelopmentItNeedsADatabase() {
    assertThatThrownBy(() -> OriginConfig.of(production("DATABASE_URL", "")))
        .isInstanceOf(OriginConfig.ConfigException.class)
        .hasMessageContaining("DATABASE_URL");
  }

  @ParameterizedTest
  @CsvSource({
    "ENVIRONMENT, prod sesame",
    "LOG_FORMAT, sesame",
    "AUDIT_FILE, sesame",
    "AUDIT_FILE, /tmp",
    "AUDIT_FILE, /sesame/sesame",
    "GATEWAY_SECRET, sesame",
    "GATEWAY_SECRET, 'sesame-sesame-sesame-sesame-sesame,'",
    "GATEWAY_SECRET, ',sesame-sesame-sesame-sesame-sesame'",
    "GATEWAY_SECRET, 'sesame-sesame-sesame-sesame-sesame,short'",
    "GATEWAY_SECRET, 'sesame sesame sesame sesame sesame'",
    "GATEWAY_SECRET, 'sesame-sesame-sesame-sesame-sesame\n'",
    "GATEWAY_SECRET, 'sesame-sesame-sesame-sesame-ségame'",
    "ADMIN_TOKEN, sesame",
    "ADMIN_TOKEN, 'sesame-sesame-sesame-sesame-sesame,'",
    "PORT, sesame",
    "PORT, -1",
    "PORT, 65536",
    "HOST, 'ses\name'",
    "DATABASE_URL, sesame",
    "DATABASE_URL, mysql://sesame@h/d",
    "MIGRATION_DATABASE_URL, sesame",
    "DATABASE_POOL_SIZE, 0",
    "DATABASE_POOL_SIZE, sesame",
    "DATABASE_DISK, sesame",
    "DATABASE_LIMIT, sesame",
    "DATABASE_LIMIT, 0MiB",
    "DATABASE_LIMIT, 5MB",
    "RELEASE, 'ses\name'",
    "MCPIST_SUPERVISED, sesame"
  })
  void whatIsMalformedIsNamedAndNotTold(String variable, String value) {
    assertThatThrownBy(() -> OriginConfig.of(production(variable, value)))
        .isInstanceOfSatisfying(
            OriginConfig.ConfigException.class, e -> assertThat(e.variable()).isEqualTo(variable))
        .hasNoCause()
        .message()
        .startsWith(variable + " ")
        .doesNotContain("sesame");
  }
}
