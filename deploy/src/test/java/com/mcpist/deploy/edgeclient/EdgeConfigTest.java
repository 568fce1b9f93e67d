package com.mcpist.deploy.edgeclient;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EdgeConfigTest {
  private static final String ALERTS =
      "\"alerts\":{\"service\":\"mcpist\",\"webhooks\":[{\"name\":\"team\",\"type\":\"slack\","
          + "\"secret\":\"SLACK_WEBHOOK_URL\"}]},";

  @Test
  void theWorkerReadsWhatTheFileSays() throws Exception {
    String text =
        Files.readString(Path.of(System.getProperty("mcpist.root"), "mcpist.example.yml"));
    Deployment worker = DeploymentFile.parse("f", text);
    Deployment balanced =
        DeploymentFile.parse(
            "f",
            text.replace("failover: worker", "failover: load_balancer")
                .replace("timeout: 5s", "timeout: 2500ms"));

    assertThat(EdgeConfig.worker(worker, Guard.inProduction(worker, Map.of())).toString())
        .isEqualTo(
            "{\"allowedHosts\":[\"mcp.example.com\"],"
                + "\"origins\":[{\"name\":\"koyeb-primary\",\"url\":\"https://mcpist-example.koyeb.app\"},"
                + "{\"name\":\"flyio-standby\",\"url\":\"https://mcpist-example.fly.dev\"},"
                + "{\"name\":\"home-server\",\"url\":\"https://origin.home.example.com\"}],"
                + "\"monitor\":{\"intervalSeconds\":30,\"timeoutSeconds\":5,"
                + "\"retries\":2,\"consecutiveDown\":2,\"consecutiveUp\":3},"
                + "\"edge\":{\"waitSeconds\":10,\"connectTimeoutMillis\":1000,"
                + "\"idleTimeoutMillis\":3000,\"maxBodyBytes\":4194304,"
                + "\"holdDownSeconds\":3,\"holdDownMaxSeconds\":60},\"publicStatus\":false,\"failover\":\"worker\","
                + ALERTS
                + "\"billing\":true,"
                + "\"auth\":{\"resource\":\"https://mcp.example.com/mcp\",\"keys\":true,"
                + "\"jwt\":{\"issuer\":\"https://login.example.com/\","
                + "\"jwks\":\"https://login.example.com/.well-known/jwks.json\","
                + "\"audience\":\"https://mcp.example.com/mcp\",\"scopes\":[\"mcp\"]}},"
                + "\"limits\":{\"addressPerMinute\":1000,\"addressConnections\":256,\"userPerSecond\":5,\"userBurst\":50,"
                + "\"trustedProxies\":[]}}");
    assertThat(EdgeConfig.worker(balanced, Guard.OPEN).toString())
        .contains("\"timeoutSeconds\":2.5")
        .endsWith(
            ",\"failover\":\"load_balancer\",\"loadBalancer\":\"https://lb.example.com\","
                + ALERTS
                + "\"billing\":true,"
                + "\"auth\":\"none\",\"limits\":\"none\"}");
  }

  @Test
  void whatTheWorkerIsToldIsAsTheSchemaSays() throws Exception {
    Path root = Path.of(System.getProperty("mcpist.root"));
    String text = Files.readString(root.resolve("mcpist.example.yml"));
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(root.resolve("contract/edge-config.schema.json")));

    for (String failover : List.of("worker", "load_balancer")) {
      Deployment deployment =
          DeploymentFile.parse("f", text.replace("failover: worker", "failover: " + failover));
      for (Guard guard : List.of(Guard.OPEN, Guard.inProduction(deployment, Map.of()))) {
        assertThat(schema.validate(EdgeConfig.worker(deployment, guard))).isEmpty();
      }
    }
  }
}
