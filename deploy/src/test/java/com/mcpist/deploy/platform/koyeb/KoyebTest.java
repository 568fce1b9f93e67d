package com.mcpist.deploy.platform.koyeb;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.vendor.KoyebServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A service on the stand-in for Koyeb, whose every request must be one that its schema allows. */
abstract class KoyebTest {
  static final String SERVICE = "8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b";
  static final String TOKEN = "koyeb-token-that-nobody-may-see";

  private static final String DEFINITION =
      """
      {"name": "notes", "type": "WEB", "regions": ["fra"],
       "docker": {"image": "%s", "image_registry_secret": "ghcr"},
       "env": [{"scopes": ["region:fra"], "key": "RELEASE", "value": "one"},
               {"key": "KEPT", "value": "as it is"}],
       "ports": [{"port": 8000, "protocol": "http"}],
       "scalings": [{"min": 1, "max": 1}]}
      """
          .formatted(Images.OLD);

  final TestTime time = TestTime.create();
  final Deadline deadline = time.minutes(10);
  final KoyebServer koyeb = new KoyebServer(SERVICE, DEFINITION);
  final List<String> states = new ArrayList<>();
  KoyebPlatform platform = platform();

  KoyebPlatform platform() {
    try {
      return KoyebPlatform.of(
          "koyeb-primary", "notes", SERVICE, koyeb.url(), Map.of(KoyebPlatform.TOKEN, TOKEN), time);
    } catch (PlatformException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void expectToken() {
    koyeb.authorization("Bearer " + TOKEN);
  }

  @AfterEach
  void everyRequestWasOneThatTheVendorTakes() throws Exception {
    koyeb.close();
    assertThat(koyeb.violations()).isEmpty();
    assertThat(KoyebPlatform.API).isEqualTo(koyeb.vendor());
  }

  Release deployed() throws Exception {
    try (Rollout rollout = platform.deploy(Images.WANTED, deadline)) {
      return rollout.awaitHealthy(step -> states.add(step.told()), deadline);
    }
  }
}
