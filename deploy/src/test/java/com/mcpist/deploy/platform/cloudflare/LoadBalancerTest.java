package com.mcpist.deploy.platform.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.edgeclient.EdgeControl.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus;
import com.mcpist.testkit.vendor.CloudflareServer;
import com.mcpist.testkit.vendor.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadBalancerTest extends CloudflareTest {
  private static final String PRIMARY = "koyeb-primary";
  private static final String STANDBY = "flyio-standby";

  private final LoadBalancer balancer = balancer("lb.example.com");

  private LoadBalancer balancer(String name) {
    return balancer(name, List.of(PRIMARY, STANDBY));
  }

  private LoadBalancer balancer(String name, List<String> origins) {
    return new LoadBalancer(access, CloudflareServer.ZONE, name, "mcpist", origins);
  }

  private LoadBalancer with(String... origins) {
    return balancer("lb.example.com", List.of(origins));
  }

  private static List<String> states(EdgeStatus status) {
    return status.origins().stream()
        .map(one -> one.name() + " " + one.state() + (one.active() ? ", active" : ""))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDrainedPrimaryIsTriedLastAndStaysMonitored(boolean newerHealth) throws Exception {
    cloudflare.newerHealth(newerHealth);
    assertThat(states(balancer.status(deadline)))
        .containsExactly(PRIMARY + " healthy, active", STANDBY + " healthy");

    assertThat(states(balancer.drain(PRIMARY, deadline)))
        .containsExactly(PRIMARY + " drained", STANDBY + " healthy, active");
    assertThat(cloudflare.order()).containsExactly(STANDBY, PRIMARY);
    assertThat(cloudflare.enabled(PRIMARY)).isTrue();

    int changes = cloudflare.calls("PATCH .*").size();
    balancer.drain(PRIMARY, deadline);
    assertThat(cloudflare.calls("PATCH .*")).as("a second time changes nothing").hasSize(changes);
  }

  @Test
  void itIsTakenInAgainOnceItsPoolIsHealthy() throws Exception {
    balancer.drain(PRIMARY, deadline);
    cloudflare.healthy(PRIMARY, false);
    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> balancer.undrain(PRIMARY, time.minutes(1)))
        .withMessage("undrain koyeb-primary: its pool is not healthy yet. Run it again later");
    assertThat(cloudflare.order()).containsExactly(STANDBY, PRIMARY);
    cloudflare.healthy(PRIMARY, true);

    assertThat(states(balancer.undrain(PRIMARY, deadline)))
        .containsExactly(PRIMARY + " healthy, active", STANDBY + " healthy");
    assertThat(cloudflare.order()).containsExactly(PRIMARY, STANDBY);
  }

  @Test
  void aDrainedStandbyIsSwitchedOffAndOnAgain() throws Exception {
    assertThat(states(balancer.drain(STANDBY, deadline)))
        .containsExactly(PRIMARY + " healthy, active", STANDBY + " drained");
    assertThat(cloudflare.enabled(STANDBY)).isFalse();

    balancer.undrain(STANDBY, deadline);
    assertThat(cloudflare.enabled(STANDBY)).isTrue();
    assertThat(cloudflare.order()).containsExactly(PRIMARY, STANDBY);
  }

  @Test
  void theLastHealthyOriginStays() throws Exception {
    cloudflare.healthy(STANDBY, false);

    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> balancer.drain(PRIMARY, deadline))
        .satisfies(e -> assertThat(e.refused()).isTrue())
        .withMessage("drain koyeb-primary: no healthy origin would be left");
    assertThat(cloudflare.order()).containsExactly(PRIMARY, STANDBY);
  }

  @Test
  void aFaultIsToldAndTheSameAgainFinishes() throws Exception {
    cloudflare.fail(
        "PATCH .*",
        Fault.status(403, "{\"errors\":[{\"code\":10000,\"message\":\"not allowed\"}]}"));

    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> balancer.drain(PRIMARY, deadline))
        .withMessageContaining("not allowed (10000). The token in CLOUDFLARE_API_TOKEN may not");
    cloudflare.fail("PATCH .*", new Fault.Cut(true));
    assertThat(states(balancer.drain(PRIMARY, deadline)).getFirst()).endsWith("drained");
  }

  @Test
  void oneThatIsNotThereIsNamed() {
    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> balancer("other.example.com").status(deadline))
        .withMessageContaining("none of the name other.example.com. Make it with Terraform");
  }

  @Test
  void aNewOriginIsTakenInOnceItIsHealthyAndNeverBefore() throws Exception {
    LoadBalancer more = with("koyeb-main", PRIMARY, STANDBY);
    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> more.undrain("koyeb-main", deadline))
        .withMessage("there is no pool with the origin koyeb-main. Apply terraform/ first");
    assertThat(more.differences(deadline).without()).containsExactly("koyeb-main");
    cloudflare.newPool("other-koyeb-main", "koyeb-main");
    cloudflare.newPool("mcpist-koyeb-main", "koyeb-main");
    assertThat(more.differences(deadline))
        .isEqualTo(
            new LoadBalancer.Differences(List.of(), List.of("koyeb-main"), List.of(), List.of()));
    assertThat(states(more.status(deadline)))
        .containsExactly("koyeb-main drained", PRIMARY + " healthy, active", STANDBY + " healthy");
    cloudflare.healthy("koyeb-main", false);

    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> more.undrain("koyeb-main", time.minutes(1)))
        .withMessageContaining("is not healthy yet");
    assertThat(cloudflare.order()).containsExactly(PRIMARY, STANDBY, "koyeb-main");
    cloudflare.healthy("koyeb-main", true);
    assertThat(states(more.undrain("koyeb-main", deadline)))
        .containsExactly("koyeb-main healthy, active", PRIMARY + " healthy", STANDBY + " healthy");
    assertThat(cloudflare.pools())
        .containsExactly("mcpist-koyeb-main", "mcpist-koyeb-primary", "mcpist-flyio-standby");
    assertThat(more.differences(deadline).outside()).isEmpty();
  }

  @Test
  void aRenamedOriginTakesTheOldOnesPlaceAndTheOldOneServesUntilThen() throws Exception {
    LoadBalancer renamed = with("koyeb-main", STANDBY);
    cloudflare.newPool("mcpist-koyeb-main", "koyeb-main");
    assertThat(renamed.differences(deadline).stale()).containsExactly("mcpist-koyeb-primary");
    cloudflare.healthy("koyeb-main", false);

    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> renamed.undrain("koyeb-main", time.minutes(1)));
    assertThat(cloudflare.order()).containsExactly(PRIMARY, STANDBY, "koyeb-main");
    cloudflare.healthy("koyeb-main", true);
    renamed.undrain("koyeb-main", deadline);

    assertThat(cloudflare.order()).containsExactly("koyeb-main", STANDBY);
    assertThat(renamed.differences(deadline).stale()).isEmpty();
  }

  @Test
  void anOriginThatIsNoMoreIsTakenOutByAnyUndrainAndWhatIsNotOursStays() throws Exception {
    cloudflare.newPool("somebody-elses", "elsewhere");
    cloudflare.joined("elsewhere");
    LoadBalancer one = with(PRIMARY);
    assertThat(one.differences(deadline))
        .isEqualTo(
            new LoadBalancer.Differences(
                List.of(), List.of(), List.of("mcpist-flyio-standby"), List.of("somebody-elses")));

    one.undrain(PRIMARY, deadline);

    assertThat(cloudflare.order()).containsExactly(PRIMARY, "elsewhere");
  }

  @Test
  void waitingEndsByItsDeadline() throws Exception {
    balancer.drain(PRIMARY, deadline);
    cloudflare.healthy(PRIMARY, false);
    var before = time.now();

    assertThatExceptionOfType(EdgeException.class)
        .isThrownBy(() -> balancer.undrain(PRIMARY, time.minutes(2)));
    assertThat(Duration.between(before, time.now())).isLessThan(Duration.ofMinutes(3));
  }

  @Test
  void ordersOfMoreThanTwoAreKept() {
    LoadBalancer.PoolOrder order =
        new LoadBalancer.PoolOrder(List.of("a", "b", "c"), List.of("a", "b", "c"));

    assertThat(order.without("b")).containsExactly("a", "c", "b");
    LoadBalancer.PoolOrder drained =
        new LoadBalancer.PoolOrder(order.preferred(), order.without("b"));
    assertThat(drained.isBehind("b")).isTrue();
    assertThat(drained.isBehind("c")).isFalse();
    assertThat(drained.with("b")).containsExactly("a", "b", "c");
    assertThat(new LoadBalancer.PoolOrder(order.preferred(), List.of("c", "b", "a")).with("a"))
        .containsExactly("a", "c", "b");
  }
}
