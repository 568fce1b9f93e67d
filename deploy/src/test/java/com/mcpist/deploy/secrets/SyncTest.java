package com.mcpist.deploy.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.secrets.SecretSite.ChangeOptions;
import com.mcpist.deploy.secrets.Sync.Result;
import com.mcpist.deploy.secrets.Sync.SecretResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyncTest {
  private final SecretStage stage = new SecretStage();

  @AfterEach
  void close() throws IOException {
    stage.close();
  }

  private Sync sync(boolean force) {
    return new Sync(stage.site(), stage.environment(), stage.order(force), stage.watcher());
  }

  @Test
  void whereAllRunWithThemNothingChanges() throws Exception {
    List<SecretResult> rows = sync(false).run();

    assertThat(rows).hasSize(8).extracting(SecretResult::result).containsOnly(Result.UNCHANGED);
    assertThat(stage.primary.starts).hasValue(0);
  }

  @Test
  void whatDiffersIsBroughtThereAndTheSecondTimeNothingIs() throws Exception {
    stage.source.put("DATABASE_URL", "postgres://notes:another-password@db.example.com/notes");
    stage.primary.running.remove("DATABASE_URL");
    stage.primary.stored.remove("DATABASE_URL");

    assertThat(sync(false).preview())
        .extracting(SecretResult::program, SecretResult::secret, SecretResult::result)
        .contains(
            tuple("koyeb-primary", "DATABASE_URL", Result.CREATED),
            tuple("flyio-standby", "DATABASE_URL", Result.CHANGED),
            tuple("worker", "GATEWAY_SECRET", Result.UNCHANGED));
    assertThat(stage.primary.starts).hasValue(0);

    List<SecretResult> rows = sync(false).run();

    assertThat(rows)
        .extracting(SecretResult::program, SecretResult::secret, SecretResult::result)
        .contains(
            tuple("koyeb-primary", "DATABASE_URL", Result.CREATED),
            tuple("flyio-standby", "DATABASE_URL", Result.CHANGED),
            tuple("flyio-standby", "GATEWAY_SECRET", Result.UNCHANGED));
    assertThat(stage.primary.running).containsEntry("DATABASE_URL", stage.value("DATABASE_URL"));
    assertThat(stage.books.isLocked()).isFalse();
    assertThat(sync(false).run()).extracting(SecretResult::result).containsOnly(Result.UNCHANGED);
    assertThat(stage.primary.starts).hasValue(1);
  }

  @Test
  void whatWasStoredByHandAndDoesNotRunYetIsNoNews() throws Exception {
    stage.standby.stored.put("DATABASE_URL", "postgres://somebody:else-entirely@elsewhere/notes");
    stage.standby.running.put("DATABASE_URL", "postgres://somebody:else-entirely@elsewhere/notes");

    List<SecretResult> rows = sync(false).run();

    assertThat(rows)
        .extracting(SecretResult::program, SecretResult::secret, SecretResult::result)
        .contains(tuple("flyio-standby", "DATABASE_URL", Result.CHANGED));
    assertThat(stage.primary.starts).hasValue(0);
  }

  @Test
  void oneOriginWithAnotherGatewaySecretIsMended() throws Exception {
    stage.standby.running.put("GATEWAY_SECRET", "another-" + SecretStage.GATEWAY);

    assertThat(sync(false).run()).extracting(SecretResult::result).contains(Result.CHANGED);
    assertThat(stage.standby.running).containsEntry("GATEWAY_SECRET", SecretStage.GATEWAY);
  }

  @Test
  void anotherGatewaySecretThanAllKnowIsForRotation() {
    stage.source.put("GATEWAY_SECRET", "another-" + SecretStage.GATEWAY);

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> sync(false).run())
        .withMessageContaining("know another GATEWAY_SECRET")
        .withMessageContaining("rotate it");
    assertThat(stage.primary.starts).hasValue(0);
  }

  @Test
  void anotherAdminTokenThanAllKnowIsForRotationToo() {
    stage.source.put("ADMIN_TOKEN", "another-" + SecretStage.ADMIN);

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> sync(false).run())
        .withMessageContaining("the origins know another ADMIN_TOKEN")
        .withMessageContaining("--force");
    assertThat(stage.primary.starts).hasValue(0);
  }

  @Test
  void aWorkerThatIsNotThereKeepsNothingFromTheOrigins() throws Exception {
    stage.source.put("DATABASE_URL", "postgres://notes:another-password@db.example.com/notes");
    stage.worker.close();

    List<SecretResult> rows =
        new Sync(
                stage.site(),
                stage.environment(),
                new ChangeOptions("bob", false, true, Duration.ofSeconds(5), Duration.ofSeconds(5)),
                stage.watcher())
            .run();

    assertThat(rows)
        .extracting(SecretResult::program, SecretResult::secret, SecretResult::result)
        .contains(
            tuple("worker", "GATEWAY_SECRET", Result.FAILED),
            tuple("flyio-standby", "DATABASE_URL", Result.CHANGED),
            tuple("koyeb-primary", "DATABASE_URL", Result.CHANGED));
  }

  @ParameterizedTest
  @CsvSource({
    "SUPABASE_URL, https://a.example, ''",
    "DATABASE_URL_NEXT, postgres://u:p@h/d, ''",
    "REGION, eu, ''",
    "SUPABASE_KEY, too-short, 'SUPABASE_KEY is too short: 9 characters, and it needs 32 at least'",
    "STRIPE_SECRET_KEY_NEXT, short, 'STRIPE_SECRET_KEY_NEXT is too short: 5 characters, and it"
        + " needs 32 at least'",
    "MAIL_PASSWORD, short, 'MAIL_PASSWORD is too short: 5 characters, and it needs 32 at least'"
  })
  void onlyWhatMustBeRandomHasALength(String name, String value, String problem) {
    assertThat(Source.problem(name, value)).isEqualTo(problem);
  }

  @Test
  void everyValueThatCannotBeUsedIsNamedBeforeAnythingChanges() {
    stage.source.put("GATEWAY_SECRET", "short");
    stage.source.put("DATABASE_URL", SecretStage.DATABASE + "\n");
    stage.source.remove("ADMIN_TOKEN");
    Sync sync =
        new Sync(
            new SecretStage().site(), stage.environment(), stage.order(false), stage.watcher());

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(sync::run)
        .withMessageContaining("GATEWAY_SECRET is too short: 5 characters, and it needs 32")
        .withMessageContaining("DATABASE_URL has a line break")
        .withMessageContaining("ADMIN_TOKEN is empty or not set")
        .withMessageNotContaining("hunter2");
  }

  @Test
  void whileARotationIsUnderWayItIsFinishedFirst() {
    stage.source.put("GATEWAY_SECRET_NEXT", "n".repeat(64));

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> sync(false).run())
        .withMessageContaining("mcpist secrets rotate GATEWAY_SECRET");
  }

  @Test
  void anOriginThatDoesNotComeBackLeavesTheOtherAlone() throws Exception {
    stage.source.put("DATABASE_URL", "postgres://notes:another-password@db.example.com/notes");
    stage.primary.running.put("GATEWAY_SECRET", "another-" + SecretStage.GATEWAY);
    stage.onStep =
        () -> {
          if (stage.told.getLast().equals("flyio-standby: starting again")) {
            stage.standby.healthy = false;
          }
        };

    List<SecretResult> rows = sync(false).run();

    assertThat(rows)
        .extracting(SecretResult::program, SecretResult::secret, SecretResult::result)
        .contains(
            tuple("flyio-standby", "DATABASE_URL", Result.FAILED),
            tuple("koyeb-primary", "DATABASE_URL", Result.FAILED));
    assertThat(stage.primary.starts).hasValue(0);
  }
}
