package com.mcpist.e2e.terraform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.vendor.CloudflareServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * terraform/ is applied to Cloudflare's stand-in by the real program with the real provider: by
 * each of terraform and tofu that this machine has with one, or by those that {@code
 * -Dmcpist.terraform=terraform,tofu} names, which must be there.
 */
class TerraformApplyIT {
  private static final String WORKER = "mcpist";

  /** Without what has a default. */
  private static final String SHORT =
      """
      domain: mcp.example.com
      image: ghcr.io/example/mcpist:main
      origins:
        - name: koyeb-primary
          platform: koyeb
          app: mcpist
          service: 8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b
          url: https://mcpist-example.koyeb.app
        - name: flyio-standby
          platform: fly
          app: mcpist-example
          url: https://mcpist-example.fly.dev
      edge:
        failover: load_balancer
      cloudflare:
        account: 0123456789abcdef0123456789abcdef
        load_balancer: lb.example.com
      """;

  @TestFactory
  Stream<DynamicTest> eachProgramThatThereIs(@TempDir Path home) throws IOException {
    String named = System.getProperty("mcpist.terraform", "");
    List<DynamicTest> tests = new ArrayList<>();
    for (String program : (named.isEmpty() ? "terraform,tofu" : named).split(",", -1)) {
      TerraformFolder folder = new TerraformFolder(program, home);
      Command.Result init = folder.init();
      if (init.code() == 0) {
        tests.add(test(program + ": in the order of the manual", folder, this::byTheManual));
        tests.add(test(program + ": all at once, and imported", folder, this::allAtOnce));
      } else {
        assertThat(named).as(init.all()).isEmpty();
      }
    }
    if (tests.isEmpty()) {
      System.err.println(
          "Skipped: terraform/ is not applied here; it needs terraform or tofu with the provider");
    }
    return tests.stream();
  }

  private static DynamicTest test(
      String name, TerraformFolder folder, ThrowingConsumer<TerraformFolder> steps) {
    return dynamicTest(name, () -> steps.accept(folder));
  }

  /** The namespace, the Worker, all else; then to the load balancer and back. */
  private void byTheManual(TerraformFolder terraform) throws Exception {
    String worker = Root.text("mcpist.example.yml");
    String balanced = worker.replace("failover: worker", "failover: load_balancer");
    try (CloudflareServer cloudflare = CloudflareServer.empty(WORKER, "example.com")) {
      terraform.start(cloudflare, worker);
      terraform.done("fmt", "-check");
      terraform.done("validate");
      terraform.applied("-target=cloudflare_workers_kv_namespace.state");
      cloudflare.deployedBySomebodyElse();

      isApplied(terraform, cloudflare, worker);
      JsonNode first = cloudflare.inventory();
      assertThat(terraform.run("plan", "-destroy").all()).contains("cannot be destroyed");

      isApplied(terraform, cloudflare, balanced);
      isApplied(terraform, cloudflare, worker);
      assertThat(cloudflare.inventory()).isEqualTo(first);
    }
  }

  private static void isApplied(TerraformFolder terraform, CloudflareServer cloudflare, String file)
      throws Exception {
    terraform.says(file);
    terraform.applied();
    assertThat(
            TerraformValues.problems(
                cloudflare.inventory(), DeploymentFile.parse("mcpist.yml", file)))
        .isEmpty();
    terraform.isUnchanged();
  }

  /** What is drained stays drained, and a state that is lost is made again by importing. */
  private void allAtOnce(TerraformFolder terraform) throws Exception {
    try (CloudflareServer cloudflare = CloudflareServer.empty(WORKER, "example.com")) {
      cloudflare.deployedBySomebodyElse();
      terraform.start(cloudflare, SHORT);
      isApplied(terraform, cloudflare, SHORT);

      drain(cloudflare);
      terraform.isUnchanged();

      JsonNode there = cloudflare.inventory();
      terraform.forget();
      for (String line : documentedImports()) {
        terraform.done(command(line, there));
      }
      assertThat(terraform.changes())
          .containsExactly("cloudflare_workers_cron_trigger.probe: update");
      terraform.applied();
      terraform.isUnchanged();
      assertThat(cloudflare.inventory()).isEqualTo(there);
    }
  }

  private static List<String> documentedImports() {
    List<String> lines =
        Root.text("terraform/README.md")
            .lines()
            .filter(line -> line.startsWith("terraform import "))
            .toList();
    assertThat(lines).hasSize(7);
    return lines;
  }

  /** A line of the manual as what a shell makes of it, with the ids of what there is. */
  private static String[] command(String line, JsonNode there) {
    String[] words = line.replace("'", "").split(" ", -1);
    String origin = words[2].replaceAll(".*\"(.*)\".*|.*", "$1");
    words[3] =
        words[3]
            .replaceFirst("^ACCOUNT/", CloudflareServer.ACCOUNT + "/")
            .replaceFirst("^ZONE/", CloudflareServer.ZONE + "/")
            .replaceFirst("/WORKER$", "/" + WORKER)
            .replaceFirst("/NAMESPACE$", "/" + id(there.path("namespaces"), ""))
            .replaceFirst("/DOMAIN$", "/" + id(there.path("domains"), ""))
            .replaceFirst("/MONITOR$", "/" + id(there.path("monitors"), ""))
            .replaceFirst("/POOL$", "/" + id(there.path("pools"), origin))
            .replaceFirst("/LOAD_BALANCER$", "/" + id(there.path("load_balancers"), ""));
    return Stream.of(words).skip(1).toArray(String[]::new);
  }

  private static String id(JsonNode things, String name) {
    return things
        .valueStream()
        .filter(one -> one.path("name").asString("").endsWith(name))
        .map(one -> one.path("id").asString())
        .findFirst()
        .orElseThrow();
  }

  /** As `mcpist drain` does with the primary, and with the last one. */
  private static void drain(CloudflareServer cloudflare) throws Exception {
    JsonNode there = cloudflare.inventory();
    String standby = id(there.path("pools"), "flyio-standby");
    String primary = id(there.path("pools"), "koyeb-primary");
    patch(
        cloudflare,
        "/zones/"
            + CloudflareServer.ZONE
            + "/load_balancers/"
            + id(there.path("load_balancers"), ""),
        "{\"default_pools\": [\"" + standby + "\", \"" + primary + "\"]}");
    patch(
        cloudflare,
        "/accounts/" + CloudflareServer.ACCOUNT + "/load_balancers/pools/" + standby,
        "{\"enabled\": false}");
  }

  private static void patch(CloudflareServer cloudflare, String path, String body)
      throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(cloudflare.url() + path))
              .method("PATCH", BodyPublishers.ofString(body))
              .build();
      assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }
  }
}
