package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.vendor.KoyebServer;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.toml.TomlMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What an origin is made from on each platform: one that is always there and may finish. */
class HostingExamplesTest {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String FLY = Root.text("examples/fly.toml");
  private static final JsonNode KOYEB =
      JSON.readTree(Root.text("examples/koyeb-service.json")).path("definition");

  /** The deployment that the other examples belong to. */
  private static final JsonNode DEPLOYMENT =
      new YAMLMapper().readTree(Root.text("mcpist.example.yml"));

  @Test
  void koyebTakesItsService() throws Exception {
    try (KoyebServer koyeb = new KoyebServer("service", KOYEB.toString());
        HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest create =
          HttpRequest.newBuilder(koyeb.url().resolve("/v1/services"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(Root.text("examples/koyeb-service.json")))
              .build();
      var _ = client.send(create, HttpResponse.BodyHandlers.discarding());

      assertThat(koyeb.calls("POST /v1/services")).hasSize(1);
      assertThat(koyeb.violations()).isEmpty();
    }
  }

  @Test
  void flyTakesItsToml() {
    assertThat(flyProblems(FLY)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "kill_timeout = 30,kill_timeout = 301",
    "kill_signal,kil_signal",
    "\"always\",\"sometimes\"",
    "auto_stop_machines = \"off\",auto_stop_machines = \"no\"",
    "path = \"/health\",path = \"health\""
  })
  void flyDoesNotTakeWhatItsPageDoesNotKnow(String right, String wrong) {
    assertThat(FLY).contains(right);
    assertThat(flyProblems(FLY.replace(right, wrong))).isNotEmpty();
  }

  @Test
  void bothAlwaysRun() {
    JsonNode fly = fly();
    assertThat(fly.at("/http_service/auto_stop_machines").asString()).isEqualTo("off");
    assertThat(fly.at("/http_service/min_machines_running").asInt()).isEqualTo(1);
    assertThat(fly.at("/restart/0/policy").asString()).isEqualTo("always");
    assertThat(KOYEB.at("/scalings/0/min").asInt()).isEqualTo(1);
    assertThat(KOYEB.at("/scalings/0/max").asInt()).isEqualTo(1);
  }

  @Test
  void flyLetsAnOriginFinish() {
    assertThat(fly().path("kill_signal").asString()).isEqualTo("SIGTERM");
    assertThat(fly().path("kill_timeout").asInt()).isEqualTo(30);
  }

  @Test
  void bothAskForHealthAsTheMonitorDoes() {
    JsonNode monitor = DEPLOYMENT.path("monitor");
    JsonNode fly = fly().at("/http_service/checks/0");
    JsonNode koyeb = KOYEB.at("/health_checks/0");
    String path = monitor.path("path").asString();

    assertThat(fly.path("path").asString()).isEqualTo(path);
    assertThat(koyeb.at("/http/path").asString()).isEqualTo(path);
    for (String time : new String[] {"interval", "timeout"}) {
      assertThat(fly.path(time).asString()).isEqualTo(monitor.path(time).asString());
      assertThat(koyeb.path(time).asInt() + "s").isEqualTo(monitor.path(time).asString());
    }
  }

  @Test
  void bothListenWhereTheImageDoes() {
    assertThat(Root.text("Dockerfile")).contains("EXPOSE 8000\n");
    assertThat(fly().at("/http_service/internal_port").asInt()).isEqualTo(8000);
    for (String part : new String[] {"/ports/0/port", "/routes/0/port"}) {
      assertThat(KOYEB.at(part).asInt()).isEqualTo(8000);
    }
    assertThat(KOYEB.at("/health_checks/0/http/port").asInt()).isEqualTo(8000);
  }

  @Test
  void theirVariablesAreThoseOfTheDeployment() {
    Map<String, String> koyeb = new TreeMap<>();
    KOYEB
        .path("env")
        .valueStream()
        .filter(variable -> variable.has("value"))
        .forEach(v -> koyeb.put(v.path("key").asString(), v.path("value").asString()));

    assertThat(koyeb).isEqualTo(texts(DEPLOYMENT.at("/origins/0/env")));
    assertThat(texts(fly().path("env"))).isEqualTo(texts(DEPLOYMENT.at("/origins/1/env")));
    assertThat(fly().path("app")).isEqualTo(DEPLOYMENT.at("/origins/1/app"));
  }

  /** By the names under which `mcpist` keeps them there. */
  @Test
  void koyebsSecretsAreThoseOfTheOrigins() {
    String app = DEPLOYMENT.at("/origins/0/app").asString();
    KOYEB
        .path("env")
        .valueStream()
        .filter(variable -> variable.has("secret"))
        .forEach(
            variable -> {
              String name = variable.path("key").asString();
              assertThat(DEPLOYMENT.at("/secrets/" + name).toString()).contains("origins");
              assertThat(variable.path("secret").asString())
                  .isEqualTo(app + "-" + name.toLowerCase(Locale.ROOT).replace('_', '-'));
            });
  }

  private static JsonNode fly() {
    return new TomlMapper().readTree(FLY);
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asString()));
    return texts;
  }

  private static List<Error> flyProblems(String toml) {
    InputStream schema =
        HostingExamplesTest.class.getResourceAsStream("/com/mcpist/e2e/fly-toml.schema.json");
    return SchemaRegistry.withDefaultDialect(Dialects.getDraft202012())
        .getSchema(JSON.readTree(Objects.requireNonNull(schema)))
        .validate(new TomlMapper().readTree(toml));
  }
}
