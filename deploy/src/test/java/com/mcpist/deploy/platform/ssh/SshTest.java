package com.mcpist.deploy.platform.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.host.ContainerHost;
import com.mcpist.testkit.host.OciImage;
import com.mcpist.testkit.host.StandInImage;
import com.mcpist.testkit.host.StandInImage.Mood;
import com.mcpist.testkit.vendor.RegistryServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** On a real sshd and a real podman. Each test has an app of its own. */
@Tag("long")
abstract class SshTest {
  private static final String REPOSITORY = "notes";

  static ContainerHost host;
  static RegistryServer registry;

  final String app = "notes-" + UUID.randomUUID().toString().substring(0, 8);
  final int port = Ports.freeWithNext();
  final SshPlatform platform = platform(ContainerHost.NAME, Map.of());

  /** What was seen on the way, in order. */
  final List<String> steps = new ArrayList<>();

  // JUnit calls begin before anything else.
  @SuppressWarnings("NullAway.Init")
  SshTest() {}

  @BeforeAll
  static void begin() throws Exception {
    host = new ContainerHost(Path.of("target", "hosts"));
    registry = new RegistryServer();
    registry.open();
  }

  @AfterAll
  static void end() throws Exception {
    if (host != null) {
      host.close();
      registry.close();
    }
  }

  SshPlatform platform(String name, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(host.person());
    environment.putAll(more);
    return SshPlatform.of(
        "home-server",
        new HostedApp(name, app, "127.0.0.1", port, Optional.empty()),
        environment,
        Time.system());
  }

  static ImageReference image(String release, Mood mood) {
    OciImage image = StandInImage.of(release, mood);
    registry.push(REPOSITORY, image);
    return ImageReference.parse(registry.name() + "/" + REPOSITORY).withDigest(image.digest());
  }

  static Wanted wanted(String release, Mood mood) {
    return new Wanted(image(release, mood), Map.of("RELEASE", release), Set.of());
  }

  static Deadline seconds(int seconds) {
    return Deadline.in(Duration.ofSeconds(seconds), Time.system());
  }

  static Deadline deadline() {
    return seconds(240);
  }

  Release deployed(String release, Mood mood) throws PlatformException, InterruptedException {
    return finished(platform.deploy(wanted(release, mood), deadline()));
  }

  Release finished(Rollout begun) throws PlatformException, InterruptedException {
    try (Rollout rollout = begun) {
      return rollout.awaitHealthy(this::saw, deadline());
    }
  }

  private void saw(Step step) {
    steps.add(step.told());
  }

  /** Who serves: the container's id, which another container has not. */
  String serving() throws Exception {
    return host.podman("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", app);
  }

  void assertThatNothingIsBeside() throws Exception {
    assertThat(host.podman("ps", "--format", "{{.Names}}", "--filter", "name=" + app).lines())
        .containsExactly(app);
  }
}
