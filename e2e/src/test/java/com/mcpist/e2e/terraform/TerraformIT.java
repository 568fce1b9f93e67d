package com.mcpist.e2e.terraform;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * terraform/ is written for the provider that it names, and the check notices where a copy of it is
 * not: what can be known without Terraform and the provider. {@link TerraformApplyIT} applies it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TerraformIT {
  private static final Path TERRAFORM = Root.PATH.resolve("terraform");

  /**
   * A copy with a mistake.
   *
   * @param problem what is said of it
   */
  record Broken(String file, String right, String wrong, String problem) {
    @Override
    public String toString() {
      return problem;
    }
  }

  private static final List<Broken> BROKEN =
      List.of(
          new Broken("load_balancer.tf", "  retries ", "  retriez ", "no attribute retriez"),
          new Broken("load_balancer.tf", "      weight ", "      wieght ", "origins.wieght"),
          new Broken(
              "load_balancer.tf",
              "failover_across_pools = true",
              "failover_across_pool = true",
              "no attribute adaptive_routing.failover_across_pool"),
          new Broken("load_balancer.tf", "  fallback_pool ", "  # ", "fallback_pool is required"),
          new Broken(
              "load_balancer.tf",
              "zone_id          = var.zone_id",
              "id = \"\"",
              "provider's to set"),
          new Broken(
              "worker.tf", "[{ cron = \"* * * * *\" }]", "[{}]", "schedules.cron is required"),
          new Broken(
              "worker.tf", "[{ cron = \"* * * * *\" }]", "\"* * * * *\"", "must be list(object)"),
          new Broken("load_balancer.tf", "= true\n", "= \"yes\"\n", "must be bool, not string"),
          new Broken(
              "load_balancer.tf",
              "cloudflare_load_balancer_monitor.health[0].id",
              "cloudflare_load_balancer_monitor.healthy[0].id",
              "there is no cloudflare_load_balancer_monitor.healthy"),
          new Broken("load_balancer.tf", "health[0].id", "health[0].ident", "has no ident"),
          new Broken("load_balancer.tf", "origin[name].id", "origin[name].ids", "has no ids"),
          new Broken("worker.tf", "local.worker\n", "local.works\n", "no local works"),
          new Broken("load_balancer.tf", "var.zone_id", "var.zone", "no variable zone"),
          new Broken("outputs.tf", "state.id", "states.id", "workers_kv_namespace.states"),
          new Broken("load_balancer.tf", "[enabled]", "[switched]", "ignore_changes has switched"),
          new Broken(
              "load_balancer.tf",
              "    },\n  ]\n",
              "    },\n    { name = \"two\", address = \"two.example.com\" },\n  ]\n",
              "/origins/1: there is"),
          new Broken(
              "load_balancer.tf", "= local.seconds.interval\n", "= 60\n", "/interval: there is 60"),
          new Broken("load_balancer.tf", "weight  = 1", "weight  = 0", "/weight: there is 0"),
          new Broken("load_balancer.tf", "\"off\"", "\"random\"", "/steering_policy: there is"),
          new Broken(
              "worker.tf", "prevent_destroy = true", "", "/prevent_destroy: there is nothing"),
          new Broken("load_balancer.tf", "proxied          = true", "proxied = true", "fmt does"),
          new Broken("load_balancer.tf", "adaptive_routing = {", "adaptive_routing {", "attribute"),
          new Broken("worker.tf", "title      =", "title", "worker.tf: "),
          new Broken(
              "worker.tf", "cloudflare_workers_kv_n", "cloudflare_workers_kvn", "no resource"));

  private final Map<Broken, TerraformCheck.Files> copies = new LinkedHashMap<>();

  static List<Broken> broken() {
    return BROKEN;
  }

  @BeforeAll
  void checkAllAtOnce(@TempDir Path home) throws IOException {
    List<Path> folders = new ArrayList<>();
    for (Broken broken : BROKEN) {
      folders.add(copy(home.resolve(Integer.toString(folders.size())), broken));
    }
    List<TerraformCheck.Files> found =
        TerraformCheck.of(home, TerraformCheck.ATTRIBUTES, folders).files();
    for (int i = 0; i < found.size(); i++) {
      copies.put(BROKEN.get(i), found.get(i));
    }
  }

  private static Path copy(Path folder, Broken broken) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(TERRAFORM)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".tf")).toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    Path file = folder.resolve(broken.file());
    String text = Files.readString(file);
    assertThat(text).contains(broken.right());
    Files.writeString(file, text.replace(broken.right(), broken.wrong()));
    return folder;
  }

  /** The provider's own schema, where it is given. */
  private static Optional<Path> published() {
    String specs = System.getProperty("mcpist.specs", "");
    if (specs.isEmpty()) {
      System.err.println(
          "Without -Dmcpist.specs=DIR terraform/ is checked by e2e/terraform/attributes.json"
              + " alone");
      return Optional.empty();
    }
    return Optional.of(Path.of(specs, "cloudflare-provider.schema.json"));
  }

  private static TerraformCheck check(Path home, Path schema) throws IOException {
    return TerraformCheck.of(home, schema, List.of(TERRAFORM));
  }

  @Test
  void itIsWrittenForItsProvider(@TempDir Path home) throws IOException {
    List<Path> schemas = new ArrayList<>(List.of(TerraformCheck.ATTRIBUTES));
    published().ifPresent(schemas::add);
    for (Path schema : schemas) {
      assertThat(TerraformFacts.problems(check(home, schema).files().getFirst()))
          .as(schema.toString())
          .isEmpty();
    }
  }

  /** What a machine without the provider's schema checks by is what the provider says. */
  @Test
  void ourListOfAttributesIsTheProviders(@TempDir Path home) throws IOException {
    JsonNode ours = check(home, TerraformCheck.ATTRIBUTES).attributes();
    Optional<Path> published = published();
    if (published.isPresent()) {
      JsonNode theirs = check(home, published.get()).attributes();
      for (String type : ours.propertyNames()) {
        Map<String, String> known = attributes(theirs.path(type));
        assertThat(known).as(type).containsAllEntriesOf(attributes(ours.path(type)));
        known.entrySet().removeIf(one -> !one.getValue().startsWith("required"));
        assertThat(attributes(ours.path(type))).as(type).containsAllEntriesOf(known);
      }
    }
    assertThat(ours.propertyNames()).hasSize(6);
  }

  private static Map<String, String> attributes(JsonNode type) {
    Map<String, String> all = new LinkedHashMap<>();
    type.properties().forEach(one -> all.put(one.getKey(), one.getValue().asString()));
    return all;
  }

  /**
   * Provider 5.14.0 took the environment that Cloudflare sets for a change, and planned to replace
   * the domain in every run after the first.
   */
  @Test
  void whatCloudflareSetsMustBeComputed(@TempDir Path home) throws IOException {
    List<Path> older = new ArrayList<>();
    older.add(home.resolve("attributes.json"));
    Files.writeString(
        older.getFirst(),
        Files.readString(TerraformCheck.ATTRIBUTES)
            .replace(
                "\"environment\": \"optional computed string\"",
                "\"environment\": \"optional string\""));
    if (published().isPresent()) {
      JsonNode schema = JsonMapper.shared().readTree(Files.readString(published().get()));
      JsonNode environment =
          schema.findValue("cloudflare_workers_custom_domain").at("/block/attributes/environment");
      ((ObjectNode) environment).remove("computed");
      older.add(home.resolve("schema.json"));
      Files.writeString(older.getLast(), schema.toString());
    }
    for (Path schema : older) {
      assertThat(check(home, schema).files().getFirst().problems())
          .singleElement()
          .asString()
          .startsWith("cloudflare_workers_custom_domain.edge: environment is set by Cloudflare");
    }
  }

  @Test
  void versionsArePinnedAndTheStateIsLocked(@TempDir Path home) throws IOException {
    JsonNode terraform = check(home, TerraformCheck.ATTRIBUTES).files().getFirst().terraform();

    // Terraform and OpenTofu know use_lockfile from here on.
    assertThat(terraform.path("required_version").asString()).isEqualTo(">= 1.10");
    assertThat(terraform.at("/required_providers/0/cloudflare/version").asString())
        .matches("5\\.(2[2-9]|[3-9]\\d)\\.\\d+");
    assertThat(terraform.at("/backend/s3/0/use_lockfile").asBoolean(false)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("broken")
  void aMistakeIsNoticed(Broken broken) {
    assertThat(TerraformFacts.problems(Objects.requireNonNull(copies.get(broken))))
        .anySatisfy(problem -> assertThat(problem).contains(broken.problem()));
  }
}
