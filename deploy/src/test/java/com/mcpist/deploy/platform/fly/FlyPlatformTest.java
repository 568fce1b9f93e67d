package com.mcpist.deploy.platform.fly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.testkit.vendor.FlyServer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlyPlatformTest extends FlyTest {
  @Test
  void whatRunsIsTold() throws Exception {
    Release current = platform.current(deadline);

    assertThat(current.image()).contains(Images.OLD);
    assertThat(current.state()).isEqualTo(State.HEALTHY);
    assertThat(current.told()).isEqualTo("started");
    assertThat(current.env()).containsEntry("RELEASE", "one");
  }

  @Test
  void machinesAreUpdatedOneAfterTheOtherEachWhenTheOneBeforeIsHealthy() throws Exception {
    Release release = deployed();

    assertThat(release.image()).contains(Images.NEW);
    assertThat(release.state()).isEqualTo(State.HEALTHY);
    assertThat(steps)
        .containsExactly(
            "machine " + ONE + " started health is critical",
            "machine " + ONE + " started ",
            "machine " + TWO + " started health is critical",
            "machine " + TWO + " started ");
    List<String> changes = fly.calls("(POST|DELETE) .*");
    assertThat(changes)
        .extracting(call -> call.replaceFirst("/v1/apps/notes/machines/", ""))
        .containsSubsequence(
            "POST " + ONE + "/lease",
            "POST " + TWO + "/lease",
            "POST " + ONE + "/cordon",
            "POST " + ONE,
            "POST " + ONE + "/uncordon",
            "POST " + TWO + "/cordon",
            "POST " + TWO,
            "POST " + TWO + "/uncordon")
        .contains("DELETE " + ONE + "/lease", "DELETE " + TWO + "/lease");
    assertThat(fly.isCordoned(ONE)).isFalse();
    assertThat(fly.isCordoned(TWO)).isFalse();
  }

  @Test
  void allElseOfTheConfigurationStays() throws Exception {
    deployed();

    String expected =
        CONFIG.replace(Images.OLD.toString(), Images.NEW.toString()).replace("\"one\"", "\"two\"");
    assertThat(fly.configs(ONE).getLast())
        .isEqualTo(tools.jackson.databind.json.JsonMapper.shared().readTree(expected));
    assertThat(fly.calls(".*other.*")).as("of another region").isEmpty();
  }

  @Test
  void onlyTheMachinesThatTheFileNamesAreTheOrigin() throws Exception {
    platform = platform(List.of(TWO));

    deployed();
    assertThat(updates()).containsExactly(0, 1);
    assertThat(fly.calls(".*/cordon")).as("no other could serve").isEmpty();
  }

  @Test
  void whatRunsAlreadyIsNotUpdatedAgain() throws Exception {
    deployed();

    assertThat(platform.preview(Images.WANTED, deadline)).isEmpty();
    try (Rollout again = platform.deploy(Images.WANTED, deadline)) {
      assertThat(again.unchanged()).isTrue();
      assertThat(again.awaitHealthy(step -> {}, deadline).image()).contains(Images.NEW);
    }
    assertThat(updates()).containsExactly(1, 1);
  }

  @Test
  void aMachineThatIsStoppedIsStarted() throws Exception {
    deployed();
    fly.state(TWO, "stopped");
    assertThat(platform.current(deadline).state()).isEqualTo(State.STOPPED);

    deployed();
    assertThat(fly.state(TWO)).isEqualTo("started");
    assertThat(updates()).containsExactly(1, 2);
  }

  @Test
  void aPreviewChangesNothingAndSaysWhatWouldBe() throws Exception {
    assertThat(platform.preview(Images.WANTED, deadline))
        .containsExactly(
            "POST /apps/notes/machines/"
                + ONE
                + ", under its lease: image "
                + Images.NEW
                + "; env RELEASE",
            "POST /apps/notes/machines/"
                + TWO
                + ", under its lease: image "
                + Images.NEW
                + "; env RELEASE");
    assertThat(updates()).containsExactly(0, 0);
  }

  @Test
  void anEarlierReleaseComesBackWithItsEnvironmentAndNoMore() throws Exception {
    Release first = platform.current(deadline);
    platform
        .deploy(
            new com.mcpist.deploy.platform.Platform.Wanted(
                Images.NEW, Map.of("ADDED", "x"), java.util.Set.of()),
            deadline)
        .close();
    deployed();
    assertThat(platform.history(2, deadline))
        .extracting(Release::image)
        .containsExactly(Optional.of(Images.NEW), Optional.of(Images.NEW));

    try (Rollout back = platform.restore(first, deadline)) {
      assertThat(back.awaitHealthy(step -> {}, deadline).image()).contains(Images.OLD);
    }
    assertThat(fly.configs(ONE).getLast()).isEqualTo(fly.configs(ONE).getFirst());
    assertThat(fly.configs(TWO).getLast()).isEqualTo(fly.configs(TWO).getFirst());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          failed           | passing  | FAILED   | it is failed
          started,stopped  | critical | FAILED   | it is stopped
          starting         | passing  | DEADLINE | not healthy after 600 s: it is still starting
          stopped          | passing  | FAILED   | it is stopped
          started          | critical | DEADLINE | it is still started (health is critical)
          """)
  void aMachineThatDoesNotBecomeHealthyStopsTheRollout(
      String states, String checks, Kind kind, String text) throws Exception {
    fly.next(List.of(states.split(",", -1)), List.of(checks));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(this::deployed)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(kind))
        .withMessageContaining("fly: wait for machine " + ONE)
        .withMessageContaining(text);
    assertThat(updates()).as("the other machine has the release before").containsExactly(1, 0);
  }

  @Test
  void whatAnotherRunLeftHalfDoneIsFinished() throws Exception {
    fly.next(List.of("failed"), List.of("passing"));
    assertThatExceptionOfType(PlatformException.class).isThrownBy(this::deployed);
    Release mixed = platform.current(deadline);
    assertThat(mixed.state()).isEqualTo(State.FAILED);
    assertThat(mixed.image()).isEmpty();
    assertThat(mixed.detail()).contains(Images.OLD.toString(), Images.NEW.toString());

    fly.next(List.of("starting", "started"), List.of("passing"));
    assertThat(deployed().image()).contains(Images.NEW);
    assertThat(fly.isCordoned(ONE)).isFalse();
    assertThat(updates()).containsExactly(2, 1);
  }

  @Test
  void aLongWaitKeepsItsLeases() throws Exception {
    fly.next(List.of("starting"), List.of("passing"));
    List<Boolean> leased = new java.util.ArrayList<>();

    try (Rollout rollout = platform.deploy(Images.WANTED, deadline)) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, deadline));
      leased.add(fly.isLeased(ONE));
      leased.add(fly.isLeased(TWO));
    }
    assertThat(leased).as("after ten minutes").containsExactly(true, true);
  }

  @Test
  void secretsTakeEffectByARestartThatWaitsForThem() throws Exception {
    Secret value = Secret.of("a-value-that-nobody-may-see");
    assertThat(platform.putSecrets(Map.of("GATEWAY_SECRET", value), deadline))
        .containsEntry("GATEWAY_SECRET", SecretChange.CREATED);
    assertThat(platform.putSecrets(Map.of("GATEWAY_SECRET", value), deadline))
        .containsEntry("GATEWAY_SECRET", SecretChange.UNCHANGED);
    assertThat(platform.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("other")), deadline))
        .containsEntry("GATEWAY_SECRET", SecretChange.UPDATED);
    assertThat(platform.secretNames(deadline)).containsExactly("GATEWAY_SECRET");
    assertThat(fly.secret("GATEWAY_SECRET")).isEqualTo("other");

    try (Rollout rollout = platform.restart(deadline)) {
      assertThat(rollout.awaitHealthy(step -> {}, deadline).image()).contains(Images.OLD);
    }
    assertThat(updates()).containsExactly(1, 1);
  }

  @Test
  void whatWasStoredIsWaitedForByALaterProcessToo() throws Exception {
    platform.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("one")), deadline);
    platform.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("two")), deadline);
    assertThat(updates()).as("nothing starts again for it").containsExactly(0, 0);

    platform = platform(List.of());
    deployed();

    assertThat(fly.secretsVersion()).isEqualTo(2);
    assertThat(fly.leastSecrets(ONE)).isEqualTo(2);
    assertThat(fly.leastSecrets(TWO)).isEqualTo(2);
    assertThat(fly.calls(".*other.*")).as("of another region").isEmpty();
  }

  @Test
  void secretsCanBeStoredBeforeThereIsAMachine() throws Exception {
    try (FlyServer empty = new FlyServer("notes", time.clock())) {
      platform = platform(empty, List.of());

      platform.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("one")), deadline);

      assertThat(empty.secret("GATEWAY_SECRET")).isEqualTo("one");
      assertThat(empty.violations()).isEmpty();
    }
  }

  @Test
  void anAppWithoutMachinesIsNamed() {
    platform = platform(List.of("none"));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platform.current(deadline))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
        .withMessageContaining("app notes has no machine none");
  }

  @ParameterizedTest
  @CsvSource({
    "fm2_abc, FlyV1 fm2_abc",
    "fm1r_abc, FlyV1 fm1r_abc",
    "FlyV1 fm2_abc, FlyV1 fm2_abc",
    "abc, Bearer abc",
  })
  void aMacaroonHasItsOwnScheme(String token, String header) {
    assertThat(FlyPlatform.header(token)).isEqualTo(header);
  }
}
