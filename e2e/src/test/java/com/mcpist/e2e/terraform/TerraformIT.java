package com.mcpist.e2e.terraform;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** terraform/ says what mcpist.yml says, and the check notices where a copy of it does not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TerraformIT {
  /**
   * A copy with a mistake.
   *
   * @param problem what the check says of it
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
          new Broken("load_balancer.tf", "      weight ", "      wieght ", "no attribute wieght"),
          new Broken(
              "load_balancer.tf",
              "failover_across_pools = true",
              "failover_across_pool = true",
              "no attribute failover_across_pool"),
          new Broken("load_balancer.tf", "  fallback_pool ", "  # ", "fallback_pool is required"),
          new Broken("worker.tf", "[{ cron = \"* * * * *\" }]", "[{}]", "cron is required"),
          new Broken(
              "load_balancer.tf",
              "cloudflare_load_balancer_monitor.health[0].id",
              "cloudflare_load_balancer_monitor.healthy[0].id",
              "there is no cloudflare_load_balancer_monitor.healthy"),
          new Broken("load_balancer.tf", "health[0].id", "health[0].ident", "no \"ident\""),
          new Broken("worker.tf", "local.worker\n", "local.works\n", "no local works"),
          new Broken("load_balancer.tf", "var.zone_id", "var.zone", "no variable zone"),
          new Broken("outputs.tf", "state.id", "states.id", "workers_kv_namespace.states"),
          new Broken(
              "load_balancer.tf",
              "    },\n  ]\n",
              "    },\n    { name = \"two\", address = \"two.example.com\" },\n  ]\n",
              "origins of a pool: 2 is not mcpist.yml's 1"),
          new Broken(
              "load_balancer.tf",
              "= local.seconds.interval\n",
              "= 60\n",
              "interval: 60.0 is not mcpist.yml's 30.0"),
          new Broken("load_balancer.tf", "weight  = 1", "weight  = 0", "weight: 0.0 is not"),
          new Broken("load_balancer.tf", "\"off\"", "\"random\"", "steering_policy: random"),
          new Broken("load_balancer.tf", "proxied          = true", "proxied = true", "fmt does"),
          new Broken("load_balancer.tf", "adaptive_routing = {", "adaptive_routing {", "attribute"),
          new Broken("worker.tf", "title      =", "title", "worker.tf: "),
          new Broken(
              "worker.tf", "cloudflare_workers_kv_n", "cloudflare_workers_kvn", "no resource"));

  private final Map<Object, TerraformPlan> plans = new LinkedHashMap<>();

  static List<Broken> broken() {
    return BROKEN;
  }

  @BeforeAll
  void checkAllAtOnce(@TempDir Path home) throws IOException {
    List<Object> names = new ArrayList<>(List.of("worker", "load_balancer"));
    names.addAll(BROKEN);
    List<Path> folders = new ArrayList<>();
    for (Object name : names) {
      folders.add(copy(home.resolve(folders.size() + "/terraform"), name));
    }
    List<TerraformPlan> made = TerraformPlan.of(home, folders);
    for (int i = 0; i < names.size(); i++) {
      plans.put(names.get(i), made.get(i));
    }
  }

  private static Path copy(Path folder, Object name) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolveSibling("mcpist.yml"), file(!name.equals("worker")));
    try (Stream<Path> files = Files.list(Root.PATH.resolve("terraform"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".tf")).toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    if (name instanceof Broken broken) {
      Path file = folder.resolve(broken.file());
      String text = Files.readString(file);
      assertThat(text).contains(broken.right());
      Files.writeString(file, text.replace(broken.right(), broken.wrong()));
    }
    return folder;
  }

  private static String file(boolean balanced) {
    String text = Root.text("mcpist.example.yml");
    return balanced ? text.replace("failover: worker", "failover: load_balancer") : text;
  }

  private static Deployment deployment(boolean balanced) throws Exception {
    return DeploymentFile.parse("mcpist.yml", file(balanced));
  }

  private TerraformPlan plan(Object name) {
    return Objects.requireNonNull(plans.get(name));
  }

  @Test
  void itMakesWhatTheFileSays() throws Exception {
    assertThat(TerraformValues.problems(plan("load_balancer"), deployment(true))).isEmpty();
    assertThat(TerraformValues.problems(plan("worker"), deployment(false))).isEmpty();
  }

  @Test
  void theMonitorAsksAsItWasSpecified() {
    JsonNode monitor = plan("load_balancer").only("cloudflare_load_balancer_monitor");

    assertThat(monitor.path("interval").asInt()).isEqualTo(30);
    assertThat(monitor.path("retries").asInt()).isEqualTo(2);
    assertThat(monitor.path("timeout").asInt()).isEqualTo(5);
    assertThat(monitor.path("expected_codes").asString()).isEqualTo("200");
    assertThat(monitor.path("path").asString()).isEqualTo("/health");
    assertThat(monitor.path("expected_body").asString()).isEqualTo("\"status\":\"ok\"");
  }

  @Test
  void versionsArePinnedAndWhatClientsNeedIsKept() {
    TerraformPlan plan = plan("worker");
    JsonNode terraform = plan.terraform().path(0);

    assertThat(terraform.path("required_version").asString()).matches("~> \\d+\\.\\d+");
    assertThat(terraform.at("/required_providers/0/cloudflare/version").asString())
        .isEqualTo("5.14.0");
    assertThat(terraform.at("/backend/s3/0/use_lockfile").asBoolean(false)).isTrue();
    assertThat(plan.resources())
        .filteredOn(one -> one.at("/lifecycle/prevent_destroy").asBoolean(false))
        .extracting(one -> one.path("type").asString())
        .containsExactlyInAnyOrder(
            "cloudflare_workers_custom_domain", "cloudflare_workers_kv_namespace");
  }

  @ParameterizedTest
  @MethodSource("broken")
  void aMistakeIsNoticed(Broken broken) throws Exception {
    assertThat(TerraformValues.problems(plan(broken), deployment(true)))
        .anySatisfy(problem -> assertThat(problem).contains(broken.problem()));
  }
}
