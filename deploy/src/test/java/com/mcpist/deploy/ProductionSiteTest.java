package com.mcpist.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeControl.BothEdges;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeAdmin;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.LoadBalancer;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is asked to take an origin out. */
class ProductionSiteTest {
  private static final String ZONE = "fedcba9876543210fedcba9876543210";
  private final TestTime time = TestTime.create();

  private Optional<EdgeControl> control(
      String failover, Optional<URI> edge, Map<String, String> environment) throws Exception {
    String section =
        failover.isEmpty()
            ? ""
            : """
            cloudflare:
              account: 0123456789abcdef0123456789abcdef
              load_balancer: lb.example.com
            edge: {failover: %s}
            """
                .formatted(failover);
    return new ProductionSite(
            DeploymentFile.parse(
                "f", "domain: mcp.example.com\norigins: [{name: one}]\n" + section),
            environment,
            new Platforms(environment, "bob", time),
            time)
        .edgeControl(edge);
  }

  @Test
  void anEdgeThatTheEnvironmentNamesComesFirst() throws Exception {
    Map<String, String> environment =
        Map.of("EDGE_ADMIN_URL", "http://127.0.0.1:1", "EDGE_ADMIN_TOKEN", "t");

    assertThat(control("load_balancer", Optional.empty(), environment))
        .containsInstanceOf(EdgeAdmin.class);
    assertThat(control("", Optional.empty(), Map.of("ADMIN_TOKEN", "t"))).isEmpty();
  }

  @Test
  void theWorkerIsAskedWhereItIsTheEdge() throws Exception {
    try (FaultServer worker = FaultServer.start()) {
      worker.always(Behaviour.answer(200, "{\"release\":\"one\",\"origins\":[]}"));
      EdgeControl control =
          control(
                  "worker",
                  Optional.of(URI.create(worker.url())),
                  Map.of("ADMIN_TOKEN", "first,second"))
              .orElseThrow();

      assertThat(control.status(time.minutes(1)).release()).contains("one");
      assertThat(worker.requests().getFirst().target()).isEqualTo("/api/edge/status");
      assertThat(worker.requests().getFirst().header("Authorization")).contains("Bearer first");
    }
    assertThat(control("worker", Optional.empty(), Map.of())).isEmpty();
  }

  @Test
  void theLoadBalancerIsChangedWhereItChooses() throws Exception {
    Map<String, String> token = Map.of("CLOUDFLARE_API_TOKEN", "t", "ADMIN_TOKEN", "a");

    assertThat(
            control(
                "load_balancer",
                Optional.empty(),
                Map.of("CLOUDFLARE_API_TOKEN", "t", "CLOUDFLARE_ZONE_ID", ZONE)))
        .containsInstanceOf(LoadBalancer.class);
    assertThat(
            control(
                "load_balancer",
                Optional.empty(),
                Map.of(
                    "CLOUDFLARE_API_TOKEN", "t", "CLOUDFLARE_ZONE_ID", ZONE, "ADMIN_TOKEN", "a")))
        .as("the Worker could send calls past it")
        .containsInstanceOf(BothEdges.class);
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(
            () ->
                control(
                    "load_balancer",
                    Optional.empty(),
                    Map.of("CLOUDFLARE_API_TOKEN", "t", "CLOUDFLARE_ZONE_ID", "none")))
        .withMessageContaining("CLOUDFLARE_ZONE_ID: is not set, or is no zone's id");
    assertThat(control("load_balancer", Optional.empty(), token)).isEmpty();
    assertThat(control("load_balancer", Optional.empty(), Map.of("ADMIN_TOKEN", "a"))).isEmpty();
  }
}
