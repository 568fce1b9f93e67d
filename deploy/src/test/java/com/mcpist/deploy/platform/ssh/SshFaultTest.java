package com.mcpist.deploy.platform.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.time.Time;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.host.ContainerHost;
import com.mcpist.testkit.host.OciImage;
import com.mcpist.testkit.host.StandInImage;
import com.mcpist.testkit.host.StandInImage.Mood;
import com.mcpist.testkit.vendor.RegistryServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Needs(Need.HOST)
class SshFaultTest extends SshTest {
  /** Brings the host back; the next test must find it. */
  private final Thread comingBack = Thread.ofVirtual().unstarted(SshFaultTest::comeBack);

  @AfterEach
  void theHostIsBack() throws InterruptedException {
    comingBack.join();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          unknown  | UNAUTHORIZED | unknown: the host's key is not known here. Compare it and accept it once: run ssh unknown by hand
          changed  | UNAUTHORIZED | changed: the host shows another key than the one that is known
          stranger | UNAUTHORIZED | stranger: the host lets this key in for nobody. See that ssh stranger works
          closed   | UNAVAILABLE  | closed: nothing answers on the host's ssh port
          nowhere  | UNAVAILABLE  | nowhere: there is no host of that name
          """)
  void aHostThatDoesNotLetInIsToldWithWhatToDo(String name, Kind kind, String message) {
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platform(name, Map.of()).current(deadline()))
        .withMessageStartingWith("ssh: look: " + message)
        .extracting(PlatformException::kind)
        .isEqualTo(kind);
  }

  @Test
  void whatIsMissingIsTold() {
    HostedApp without =
        new HostedApp(ContainerHost.NAME, app, "127.0.0.1", port, Optional.of("no-such-program"));
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(
            () -> SshPlatform.of("o", without, host.person(), Time.system()).current(deadline()))
        .withMessageContaining("there is no no-such-program on the host. Install it");
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(
            () -> platform(ContainerHost.NAME, Map.of("PATH", "/nowhere")).current(deadline()))
        .withMessageContaining("there is no program ssh on the PATH. Install OpenSSH's client");
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platform.restart(deadline()))
        .withMessageContaining("nothing runs there yet. Deploy once: mcpist deploy");
  }

  @Test
  void anImageThatCannotBePulledIsTold() throws Exception {
    ImageReference known = image("one", Mood.WELL);
    ImageReference unknown = known.withDigest("sha256:" + "0".repeat(64));
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platform.deploy(new Wanted(unknown, Map.of(), Set.of()), deadline()))
        .withMessageContaining("the registry does not have it. Check the image's name")
        .extracting(PlatformException::kind)
        .isEqualTo(Kind.NOT_FOUND);

    OciImage unchecked =
        StandInImage.of("three", Mood.WELL)
            .with(config -> config.putArray("Env").add("PATH=/usr/bin:/bin"));
    registry.push("notes", unchecked);
    ImageReference image = known.withDigest(unchecked.digest());
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(
            () -> finished(platform.deploy(new Wanted(image, Map.of(), Set.of()), deadline())))
        .withMessageContaining("the image has no program healthcheck");
  }

  /** The host needs no login: whoever deploys lends it one, which it does not keep. */
  @Test
  void aPrivateImageIsPulledByWhoeverDeploys() throws Exception {
    try (RegistryServer closed = new RegistryServer()) {
      closed.readableBy("me", "a-password-that-nobody-may-see");
      OciImage image = StandInImage.of("private", Mood.WELL);
      closed.push("notes", image);
      ImageReference name =
          ImageReference.parse(closed.name() + "/notes").withDigest(image.digest());
      Wanted wanted = new Wanted(name, Map.of(), Set.of());

      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> platform.deploy(wanted, deadline()))
          .withMessageContaining("the registry does not let it be read. If it is private, set")
          .extracting(PlatformException::kind)
          .isEqualTo(Kind.UNAUTHORIZED);

      Map<String, String> login =
          Map.of("REGISTRY_USER", "me", "REGISTRY_TOKEN", "a-password-that-nobody-may-see");
      SshPlatform person = platform(ContainerHost.NAME, login);
      assertThat(finished(person.deploy(wanted, deadline())).image()).contains(name);
      assertThat(host.has("a-password-that-nobody-may-see")).isFalse();
      assertThat(host.has("\"auths\"")).isFalse();
    }
  }

  @Test
  void whoeverComesSecondWinsAndTheFirstIsTold() throws Exception {
    deployed("one", Mood.WELL);
    try (Rollout first = platform.deploy(wanted("two", Mood.WELL), deadline())) {
      SshPlatform other = platform(ContainerHost.NAME, Map.of());
      finished(other.deploy(wanted("three", Mood.WELL), deadline()));

      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> first.awaitHealthy(_ -> {}, deadline()))
          .withMessageContaining("somebody else has put another release in its place")
          .extracting(PlatformException::kind)
          .isEqualTo(Kind.CONFLICT);
    }
    assertThat(platform.current(deadline()).env()).containsEntry("RELEASE", "three");
    assertThatNothingIsBeside();
  }

  @Test
  void aReleaseThatHasNotTakenOverIsCalledOff() throws Exception {
    deployed("one", Mood.WELL);
    String serving = serving();
    platform.deploy(wanted("two", Mood.WELL), deadline()).close();
    assertThat(serving()).isEqualTo(serving);
    assertThatNothingIsBeside();
    Release one = deployed("one", Mood.WELL);
    try (Rollout rollout = platform.deploy(wanted("two", Mood.WELL), deadline())) {
      rollout.awaitHealthy(_ -> {}, deadline());
    }
    assertThat(platform.current(deadline()).id()).isNotEqualTo(one.id());
  }

  /** The host is away at the worst moment, and the rollout goes on when it is back. */
  @Test
  void aConnectionThatBreaksOffWhileItIsWaitedForDoesNoHarm() throws Exception {
    deployed("one", Mood.WELL);
    AtomicBoolean cut = new AtomicBoolean();
    try (Rollout rollout = platform.deploy(wanted("two", Mood.WELL), deadline())) {
      Release release =
          rollout.awaitHealthy(
              step -> {
                if (step.told().equals("healthy beside") && !cut.getAndSet(true)) {
                  awayForAWhile();
                }
              },
              deadline());
      assertThat(release.env()).containsEntry("RELEASE", "two");
    }
    assertThat(cut).isTrue();
    assertThatNothingIsBeside();
  }

  private void awayForAWhile() {
    try {
      host.goAway();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    comingBack.start();
  }

  private static void comeBack() {
    try {
      host.comeBack();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A switch that has begun goes to its end, whether anybody waits for that or not. */
  @Test
  void aConnectionThatBreaksOffInTheMiddleOfTheSwitchDoesNoHarm() throws Exception {
    deployed("one", Mood.SLOW);
    Thread cut =
        Thread.ofVirtual()
            .start(
                () ->
                    Conditions.await(
                        "the old one is told to stop",
                        () -> {
                          boolean stopping = host.podman("logs", app).contains("told to stop");
                          if (stopping) {
                            awayForAWhile();
                          }
                          return stopping;
                        }));

    Release two = deployed("two", Mood.WELL);

    cut.join();
    assertThat(two.env()).containsEntry("RELEASE", "two");
    assertThat(two.state()).isEqualTo(State.HEALTHY);
    assertThatNothingIsBeside();
  }

  /** The host itself ended at the worst moment: the old one is aside, the new one is not there. */
  @Test
  void aSwitchThatWasBrokenOffIsTakenBackByTheNextCommand() throws Exception {
    deployed("one", Mood.WELL);
    host.podman("stop", app);
    host.podman("rename", app, app + "-before");
    assertThat(platform.current(deadline()).told()).isEqualTo("not deployed");

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> deployed("two", Mood.CRASH));

    assertThat(platform.current(deadline()).state()).isEqualTo(State.HEALTHY);
    assertThat(platform.current(deadline()).env()).containsEntry("RELEASE", "one");
    deployed("two", Mood.WELL);
    assertThat(host.podman("ps", "--all", "--format", "{{.Names}}", "--filter", "name=" + app))
        .isEqualTo(app + "\n");
  }

  /** What cannot start in its place, though it was healthy beside, leaves the old one there. */
  @Test
  void aReleaseThatCannotBeStartedInItsPlaceLeavesTheOldOneServing() throws Exception {
    deployed("one", Mood.WELL);
    try (Rollout rollout = platform.deploy(wanted("two", Mood.WELL), deadline())) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(
              () ->
                  rollout.awaitHealthy(
                      step -> {
                        if (step.told().equals("healthy beside")) {
                          spoilTheSecrets();
                        }
                      },
                      deadline()))
          .withMessageContaining("cannot start the container")
          .extracting(PlatformException::kind)
          .isEqualTo(Kind.FAILED);
    }
    assertThat(platform.current(deadline()).state()).isEqualTo(State.HEALTHY);
    assertThat(platform.current(deadline()).env()).containsEntry("RELEASE", "one");
    assertThatNothingIsBeside();
  }

  /** As by somebody who edits the file at that moment. */
  private void spoilTheSecrets() {
    try {
      Files.writeString(host.home().resolve(".mcpist").resolve(app).resolve("secrets"), "A_KEY='");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
