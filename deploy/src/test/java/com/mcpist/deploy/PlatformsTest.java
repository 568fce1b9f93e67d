package com.mcpist.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.config.NewDeployment;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.time.Time;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlatformsTest {
  private static final Map<String, String> TOKENS =
      Map.of("KOYEB_TOKEN", "nobody-may-see-this", "FLY_API_TOKEN", "nobody-may-see-this");

  private static List<Origin> origins() throws Exception {
    return DeploymentFile.parse("f", NewDeployment.example().text()).origins();
  }

  @Test
  void anOriginHasThePlatformThatTheFileSays() throws Exception {
    Platforms platforms = new Platforms(TOKENS, "bob", Time.system());
    Platform koyeb = platforms.of(origins().get(0)).orElseThrow();
    Platform fly = platforms.of(origins().get(1)).orElseThrow();

    assertThat(List.of(koyeb.name(), koyeb.origin())).containsExactly("koyeb", "koyeb-primary");
    assertThat(List.of(fly.name(), fly.origin())).containsExactly("fly", "flyio-standby");
    assertThat(koyeb.logs()).startsWith("https://app.koyeb.com/services/");
    assertThat(fly.logs()).isEqualTo("https://fly.io/apps/mcpist-example/monitoring");
    Platform ssh = platforms.of(origins().get(2)).orElseThrow();
    assertThat(List.of(ssh.name(), ssh.origin())).containsExactly("ssh", "home-server");
    assertThat(ssh.logs()).isEqualTo("ssh deploy@home.example.com podman logs mcpist");
    assertThat(platforms.of(DeploymentFile.builtIn().origins().getFirst())).isEmpty();
    assertThat(platforms.toString()).doesNotContain("nobody-may-see-this");
  }

  @Test
  void aTokenIsNeverSentInTheClear() throws Exception {
    Platforms platforms =
        new Platforms(
            Map.of("KOYEB_TOKEN", "t", "KOYEB_API_URL", "http://koyeb.example.com"),
            "bob",
            Time.system());
    Origin origin = origins().getFirst();

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platforms.of(origin))
        .withMessageContaining("KOYEB_API_URL: it must be an address that starts with https://");
  }
}
