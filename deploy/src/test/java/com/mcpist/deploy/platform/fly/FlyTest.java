package com.mcpist.deploy.platform.fly;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.vendor.FlyServer;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * An app with two machines on the stand-in for Fly.io, whose every request must be one that its
 * schema allows, and which must be left without a lease.
 */
abstract class FlyTest {
  static final String TOKEN = "fm2_token-that-nobody-may-see";
  static final String ONE = "148e21ea7d4589";
  static final String TWO = "148e21ea7d4590";

  static final String CONFIG =
      """
      {"image": "%s", "env": {"RELEASE": "one", "KEPT": "as it is"},
       "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 256},
       "services": [{"protocol": "tcp", "internal_port": 8000, "autostop": false}],
       "stop_config": {"signal": "SIGTERM", "timeout": "30s"}}
      """
          .formatted(Images.OLD);

  final TestTime time = TestTime.create();
  final Deadline deadline = time.minutes(10);
  final FlyServer fly = new FlyServer("notes", time.clock());
  final List<String> steps = new ArrayList<>();
  FlyPlatform platform = platform(List.of());

  FlyPlatform platform(List<String> machines) {
    return platform(fly, machines);
  }

  FlyPlatform platform(FlyServer at, List<String> machines) {
    try {
      return FlyPlatform.of(
          "flyio-standby",
          new Selection("notes", machines, Optional.of("nrt")),
          URI.create(at.url() + "/v1"),
          Map.of(FlyPlatform.TOKEN, TOKEN),
          "mcpist of bob",
          time);
    } catch (PlatformException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void twoMachines() {
    fly.authorization("FlyV1 " + TOKEN);
    fly.machine(ONE, "nrt", CONFIG);
    fly.machine(TWO, "nrt", CONFIG);
    fly.machine("other", "fra", CONFIG);
  }

  @AfterEach
  void everyRequestWasOneThatTheVendorTakesAndNoLeaseIsLeft() throws Exception {
    fly.close();
    assertThat(fly.violations()).isEmpty();
    assertThat(FlyPlatform.API).isEqualTo(fly.vendor());
    assertThat(fly.isLeased(ONE)).isFalse();
    assertThat(fly.isLeased(TWO)).isFalse();
  }

  Release deployed() throws Exception {
    try (Rollout rollout = platform.deploy(Images.WANTED, deadline)) {
      return rollout.awaitHealthy(
          step -> steps.add(step.part() + " " + step.told() + " " + step.detail()), deadline);
    }
  }

  /** How often each machine has been updated. */
  List<Integer> updates() {
    return List.of(fly.configs(ONE).size() - 1, fly.configs(TWO).size() - 1);
  }
}
