package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.vendor.CloudflareServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The Worker's releases by the command line, before there is anything else. */
class WorkerCommandTest {
  private static final String TOKEN = "cloudflare-token-that-nobody-may-see";

  @Test
  void theWorkerIsMadeAndShown(@TempDir Path folder) throws Exception {
    Mcpist mcpist = new Mcpist(folder);
    try (CloudflareServer cloudflare =
            new CloudflareServer("notes", "example.com", "lb.example.com", List.of("one"));
        FaultServer nothing = FaultServer.start()) {
      cloudflare.authorization("Bearer " + TOKEN);
      nothing.always(Behaviour.status(404));
      prepare(mcpist, cloudflare, nothing.url());

      Mcpist.Result unlocked = run(mcpist, "deploy", "--worker");
      assertThat(unlocked.code()).isEqualTo(1);
      assertThat(unlocked.err()).contains("With --force it goes on without lock");
      assertThat(run(mcpist, "deploy", "--worker", "--image", "x").code()).isEqualTo(2);

      Mcpist.Result preview = run(mcpist, "deploy", "--worker", "--dry-run", "--release", "1");
      assertThat(preview.out())
          .contains("PUT /accounts/", "logs are kept", "Nothing has been changed.");
      assertThat(cloudflare.versions()).isZero();

      JsonNode first = deployed(mcpist, "1");
      assertThat(first.path("state").asString()).isEqualTo("succeeded");
      assertThat(first.path("before").isNull()).isTrue();
      assertThat(cloudflare.serving().path("index.js").asString()).isEqualTo("export default {}");

      assertThat(cloudflare.settings().path("observability").path("enabled").asBoolean()).isTrue();
      JsonNode status = JsonMapper.shared().readTree(run(mcpist, "status", "--json").out());
      assertThat(status.path("worker").path("release").asString()).isEqualTo("1");
      assertThat(cloudflare.violations()).isEmpty();
    }
  }

  /** Of everything but Cloudflare there is nothing yet. */
  private static void prepare(Mcpist mcpist, CloudflareServer cloudflare, String nothing)
      throws IOException {
    Files.writeString(
        mcpist.folder().resolve("mcpist.yml"),
        """
        service: notes
        domain: mcp.example.com
        origins: [{name: one, platform: fly, app: notes, url: "%s"}]
        cloudflare: {account: %s}
        """
            .formatted(nothing, CloudflareServer.ACCOUNT));
    Path dist = Files.createDirectories(mcpist.folder().resolve("worker/dist"));
    Files.writeString(dist.resolve("index.js"), "export default {}");
    Files.writeString(
        dist.resolveSibling("wrangler.jsonc"),
        "{\"compatibility_date\": \"2026-04-01\", \"observability\": {\"enabled\": true}}");
    mcpist.environment.put("CLOUDFLARE_API_TOKEN", TOKEN);
    mcpist.environment.put("CLOUDFLARE_API_URL", cloudflare.url().toString());
    mcpist.environment.put("GATEWAY_SECRET", "g".repeat(40));
    mcpist.environment.put("FLY_API_TOKEN", "f");
    mcpist.environment.put("FLY_API_URL", nothing);
  }

  private static JsonNode deployed(Mcpist mcpist, String release) throws Exception {
    Mcpist.Result result =
        run(mcpist, "deploy", "--worker", "--release", release, "--force", "--no-verify", "--json");
    assertThat(result.code()).as(result.err()).isZero();
    return JsonMapper.shared().readTree(result.out());
  }

  private static Mcpist.Result run(Mcpist mcpist, String... arguments) throws Exception {
    Mcpist.Result result = mcpist.run(arguments);
    assertThat(result.out() + result.err()).doesNotContain(TOKEN);
    return result;
  }
}
