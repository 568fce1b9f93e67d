package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.platform.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RollbacksTest {
  /** As {@code deploy 1 succeeded}: action, the digit of the image, state. */
  private static List<String> standing(String... deployments) {
    List<ReleaseRecord> records = new ArrayList<>();
    for (String deployment : deployments) {
      String[] words = deployment.split(" ", -1);
      records.addFirst(record(words[0], words[1], words[2]));
    }
    return Rollbacks.standing(records).stream().map(Rollbacks.Earlier::release).toList();
  }

  private static ReleaseRecord record(String action, String digit, String state) {
    var image = Images.image(digit);
    return new ReleaseRecord(
        new UUID(0, digit.hashCode()),
        Action.valueOf(action.toUpperCase(java.util.Locale.ROOT)),
        image.toString(),
        image.digest().orElseThrow(),
        "release " + digit,
        "simultaneous",
        "bob",
        State.valueOf(state.toUpperCase(java.util.Locale.ROOT)),
        "",
        List.of(
            new ReleaseRecord.Part("a", "deployed", Images.image("0").digest().orElseThrow(), "")),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void theLastDeployedIsFirst() {
    assertThat(standing("deploy 1 succeeded", "deploy 2 succeeded", "deploy 3 succeeded"))
        .containsExactly("release 3", "release 2", "release 1", "000000000000");
  }

  @Test
  void whatWasBadDoesNotStand() {
    assertThat(standing("deploy 1 succeeded", "deploy 2 returned", "deploy 3 failed"))
        .containsExactly("release 1", "000000000000");
  }

  @Test
  void aSecondRollbackGoesFurtherBackAndNotToWhatWasBad() {
    assertThat(
            standing(
                "deploy 1 succeeded",
                "deploy 2 succeeded",
                "deploy 3 succeeded",
                "rollback 2 succeeded"))
        .containsExactly("release 2", "release 1", "000000000000");
  }

  @Test
  void whatIsDeployedAgainStandsOnce() {
    assertThat(standing("deploy 1 succeeded", "deploy 2 succeeded", "deploy 1 succeeded"))
        .containsExactly("release 1", "release 2", "000000000000");
  }

  @Test
  void theOneBelowTheTopmostThatRunsIsThePreviousOne() {
    List<Rollbacks.Earlier> standing = List.of(earlier("3"), earlier("2"), earlier("1"));

    assertThat(Rollbacks.below(standing, Set.of(digest("3")))).contains(earlier("2"));
    assertThat(Rollbacks.below(standing, Set.of(digest("3"), digest("2"))))
        .as("one origin has been given another one by itself")
        .contains(earlier("2"));
    assertThat(Rollbacks.below(standing, Set.of(digest("1")))).isEmpty();
    assertThat(Rollbacks.below(standing, Set.of(digest("9"))))
        .as("something that is in no record")
        .contains(earlier("3"));
  }

  private static Rollbacks.Earlier earlier(String digit) {
    return new Rollbacks.Earlier(Images.image(digit), "release " + digit);
  }

  private static String digest(String digit) {
    return Images.image(digit).digest().orElseThrow();
  }

  @Test
  void whereNoOriginAnswersThePlatformsRemember() throws Exception {
    try (Stage stage = new Stage()) {
      stage.deployer().deploy(Stage.order(Images.NEW, "two"));
      Site site = stage.site();
      stage.primary.close();
      stage.standby.close();

      assertThat(new Rollbacks(site).previous(Set.of()).image()).isEqualTo(Images.OLD);
      assertThat(new Rollbacks(site).lastGood(Optional.of(Stage.NEW)).image())
          .isEqualTo(Images.OLD);
    }
  }

  @Test
  void aReleaseIsFoundByItsNameAndByItsDigest() throws Exception {
    try (Stage stage = new Stage()) {
      stage.deployer().deploy(Stage.order(Images.NEW, "two"));
      Rollbacks rollbacks = new Rollbacks(stage.site());

      assertThat(rollbacks.named("two").image()).isEqualTo(Images.NEW);
      stage.deployer().deploy(Stage.order(Images.image("3"), "1.3-333333333333"));
      assertThat(rollbacks.named("1.3").image()).isEqualTo(Images.image("3"));
      assertThat(rollbacks.named("1111").image()).isEqualTo(Images.NEW);
      assertThat(rollbacks.named(Stage.OLD).image()).isEqualTo(Images.OLD);
      assertThat(rollbacks.previous(Set.of()).image()).isEqualTo(Images.NEW);
      assertThatExceptionOfType(DeployException.class)
          .isThrownBy(() -> rollbacks.named("three"))
          .withMessageContaining("no release \"three\"")
          .withMessageContaining("two (111111111111)");
    }
  }

  @Test
  void whereNothingIsKnownThatIsSaid() throws Exception {
    try (Stage stage = new Stage()) {
      assertThatExceptionOfType(DeployException.class)
          .isThrownBy(() -> new Rollbacks(stage.site()).previous(Set.of()))
          .withMessageContaining("no release is known but the one that runs");
    }
  }
}
