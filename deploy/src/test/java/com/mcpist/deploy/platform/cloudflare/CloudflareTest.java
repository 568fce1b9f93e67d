package com.mcpist.deploy.platform.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.vendor.CloudflareServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import tools.jackson.databind.json.JsonMapper;

/** The stand-in for Cloudflare, whose every request must be one that its schema allows. */
abstract class CloudflareTest {
  static final String TOKEN = "cloudflare-token-that-nobody-may-see";
  static final String WORKER = "notes";
  static final WorkerRelease ONE = release("one", "export default {}");
  static final WorkerRelease TWO = release("two", "export default {fetch() {}}");

  final TestTime time = TestTime.create();
  final Deadline deadline = time.minutes(5);
  final CloudflareServer cloudflare =
      new CloudflareServer(
          WORKER, "example.com", "lb.example.com", List.of("koyeb-primary", "flyio-standby"));
  final CloudflareAccess access = access();
  final WorkerPlatform worker = new WorkerPlatform(access, WORKER);
  final WorkerPlatform secrets = new WorkerPlatform(access, WORKER);
  final List<String> states = new ArrayList<>();

  CloudflareAccess access() {
    try {
      return CloudflareAccess.of(
          CloudflareServer.ACCOUNT, cloudflare.url(), Map.of(CloudflareAccess.TOKEN, TOKEN), time);
    } catch (PlatformException e) {
      throw new IllegalStateException(e);
    }
  }

  static WorkerRelease release(String name, String module) {
    return new WorkerRelease(
        new WorkerRelease.Bundle(module, "2026-11-01", List.of("nodejs_compat"), Optional.of(true)),
        name,
        JsonMapper.shared().createObjectNode().put("failover", "worker"),
        WorkerRelease.stateOf(WORKER));
  }

  @BeforeEach
  void expectToken() {
    cloudflare.authorization("Bearer " + TOKEN);
  }

  @AfterEach
  void everyRequestWasOneThatTheVendorTakes() throws Exception {
    cloudflare.close();
    assertThat(cloudflare.violations()).isEmpty();
    assertThat(CloudflareAccess.API).isEqualTo(cloudflare.vendor());
  }

  WorkerPlatform.WorkerRollout deployed(WorkerRelease release) throws Exception {
    WorkerPlatform.WorkerRollout rollout = worker.deploy(release, deadline);
    rollout.awaitDeployed(step -> states.add(step.told()), deadline);
    return rollout;
  }

  String served() {
    return cloudflare.serving().path(WorkerRelease.Bundle.MODULE).asString("");
  }

  static void failed(ThrowingCallable work, Kind kind, String text) {
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(work)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(kind))
        .withMessageContaining(text)
        .withMessageNotContaining("\n")
        .withMessageNotContaining(TOKEN);
  }
}
