package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.release.Announcements.Warning;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnnouncementsTest {
  private static final String VERIFICATION = "verification";
  private static final String ROTATION = "rotation of ADMIN_TOKEN";
  private static final Warning STANDBY = new Warning("drift", "standby A", "standby runs without");
  private static final Warning OLD = new Warning("secret", "A", "A is old");

  private final Stage stage = new Stage();
  private final Announcements people = stage.announcements(stage.site());

  @AfterEach
  void close() throws Exception {
    stage.close();
  }

  private void failed(String check, String problem) {
    assertThat(people.failed(check, Optional.empty(), problem, "mend it")).isEmpty();
  }

  private void warn(String check, boolean seenAll, Warning... found) {
    assertThat(people.warn(check, List.of(found), seenAll)).isEmpty();
  }

  @Test
  void aFailureIsToldOnceUntilItIsAnotherOrPasses() {
    failed(VERIFICATION, "no answer");
    failed(VERIFICATION, "no answer");
    assertThat(stage.notices()).hasSize(1);
    failed(VERIFICATION, "two releases");
    people.passed("deploy of two", "both run two");
    people.passed(VERIFICATION, "every check passes");
    failed(VERIFICATION, "two releases");

    assertThat(stage.notices()).hasSize(4);
    assertThat(stage.books.events()).containsExactly("failure", "failure", "recovery", "failure");
  }

  @Test
  void releasesThatAreWellEndNoFailureOfSecrets() {
    failed(ROTATION, "GitHub is away");
    people.passed(VERIFICATION, "every check passes");
    assertThat(stage.notices()).hasSize(1);
    failed(VERIFICATION, "no answer");
    people.passed(ROTATION, "done");

    assertThat(stage.notices()).last().asString().contains(ROTATION + " is well again");
  }

  @Test
  void aWarningIsToldOnceAndItsEndByTheCheckThatFoundIt() {
    warn("secrets check", true, STANDBY);
    warn("secrets check", true, STANDBY, OLD);
    warn(VERIFICATION, true);
    warn("secrets check", false);
    assertThat(stage.notices())
        .containsExactly(":warning: *notes*: standby runs without", ":warning: *notes*: A is old");
    warn("secrets check", true, OLD);
    assertThat(stage.notices())
        .last()
        .isEqualTo(":white_check_mark: *notes*: over: standby runs without");
    warn("secrets check", true, STANDBY, OLD);

    assertThat(stage.notices()).hasSize(4);
    assertThat(stage.books.events()).containsExactly("warning", "warning", "warning");
  }

  @Test
  void whereNobodyRemembersAllIsToldEachTime() {
    Announcements forgetful = people.by(Optional.empty());
    for (int i = 0; i < 2; i++) {
      forgetful.warn("secrets check", List.of(OLD), true);
    }

    assertThat(stage.notices()).hasSize(2);
  }
}
