package com.mcpist.deploy.edgeclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.edgeclient.EdgeControl.BothEdges;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeAdmin;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess;
import com.mcpist.deploy.platform.cloudflare.LoadBalancer;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.vendor.CloudflareServer;
import com.mcpist.testkit.vendor.Fault;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is drained is so at the Worker and at the load balancer behind it. */
class BothEdgesTest {
  private static final String PRIMARY = "koyeb-primary";
  private static final String STANDBY = "flyio-standby";

  private final TestTime time = TestTime.create();
  private final CloudflareServer cloudflare =
      new CloudflareServer("notes", "example.com", "lb.example.com", List.of(PRIMARY, STANDBY));
  private final FaultServer worker = FaultServer.start();
  private EdgeControl both = new EdgeAdmin(URI.create(worker.url()), Secret.of("t"), time);

  /** What the Worker answers to a change; it looks at the load balancer's order as it does. */
  private volatile Behaviour answer = Behaviour.answer(200, "{\"origins\":[]}");

  private volatile List<String> orderAtTheWorkersTurn = List.of();

  @BeforeEach
  void join() throws Exception {
    worker.handle(
        _ -> {
          orderAtTheWorkersTurn = cloudflare.order();
          return answer;
        });
    CloudflareAccess access =
        CloudflareAccess.of(
            CloudflareServer.ACCOUNT, cloudflare.url(), Map.of(CloudflareAccess.TOKEN, "c"), time);
    both =
        new BothEdges(
            new LoadBalancer(
                access,
                CloudflareServer.ZONE,
                "lb.example.com",
                "mcpist",
                List.of(PRIMARY, STANDBY)),
            both);
  }

  @AfterEach
  void close() throws Exception {
    assertThat(cloudflare.violations()).isEmpty();
    cloudflare.close();
    worker.close();
  }

  private List<String> asked() {
    return worker.requests().stream().map(HttpMessage::target).toList();
  }

  @Test
  void theWorkerIsFirstOutAndLastIn() throws Exception {
    EdgeStatus drained = both.drain(PRIMARY, time.minutes(5));

    assertThat(asked()).containsExactly("/origins/koyeb-primary/drain");
    assertThat(orderAtTheWorkersTurn).containsExactly(PRIMARY, STANDBY);
    assertThat(cloudflare.order()).containsExactly(STANDBY, PRIMARY);
    assertThat(drained.origin(PRIMARY).orElseThrow().state()).isEqualTo("drained");

    both.undrain(PRIMARY, time.minutes(5));
    assertThat(asked()).last().isEqualTo("/origins/koyeb-primary/undrain");
    assertThat(orderAtTheWorkersTurn).as("it is in there again").containsExactly(PRIMARY, STANDBY);
  }

  @Test
  void whereTheWorkerRefusesTheLoadBalancerIsNotTouched() {
    answer = Behaviour.answer(409, "{\"error\":{\"code\":\"no_healthy_origin\"}}");

    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> both.drain(PRIMARY, time.minutes(5)))
        .satisfies(e -> assertThat(e.refused()).isTrue())
        .withMessage("drain koyeb-primary: no healthy origin would be left");
    assertThat(cloudflare.calls("PATCH .*")).isEmpty();
  }

  @Test
  void whereTheLoadBalancerFailsIsSaidAndTheSameAgainFinishes() throws Exception {
    cloudflare.fail(
        "PATCH .*",
        Fault.status(403, "{\"errors\":[{\"code\":10000,\"message\":\"not allowed\"}]}"));

    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> both.drain(PRIMARY, time.minutes(5)))
        .withMessageContaining("not allowed (10000)")
        .withMessageEndingWith(
            ". Now the Worker sends koyeb-primary no calls, and the load balancer still does: run"
                + " it again");
    both.drain(PRIMARY, time.minutes(5));
    assertThat(cloudflare.order()).containsExactly(STANDBY, PRIMARY);
  }

  @Test
  void anOriginThatIsNotHealthyComesBackAtNeitherAndOneThatTheWorkerDoesNotTakeIsSaid()
      throws Exception {
    both.drain(PRIMARY, time.minutes(5));
    cloudflare.healthy(PRIMARY, false);
    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> both.undrain(PRIMARY, time.minutes(1)));
    assertThat(asked()).as("the Worker is not told").hasSize(1);
    cloudflare.healthy(PRIMARY, true);
    answer = Behaviour.answer(401, "{\"error\":{\"message\":\"no\"}}");

    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> both.undrain(PRIMARY, time.minutes(5)))
        .withMessageEndingWith(
            "Check the edge's admin token. Now the load balancer has koyeb-primary in again, and"
                + " the Worker does not: run it again");
  }
}
