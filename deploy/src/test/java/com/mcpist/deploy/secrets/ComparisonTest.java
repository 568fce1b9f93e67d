package com.mcpist.deploy.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.mcpist.deploy.release.Announcements.Warning;
import com.mcpist.deploy.secrets.Comparison.Drift;
import com.mcpist.deploy.secrets.Comparison.Drift.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final String OTHER = "a-value-that-somebody-has-set-by-hand";

  private final SecretStage stage = new SecretStage();

  @AfterEach
  void close() throws IOException {
    stage.close();
  }

  private List<Drift> bad() throws InterruptedException {
    List<Drift> all =
        new Comparison(stage.site(), stage.environment(), Set.of("KOYEB_TOKEN")).look();
    assertThat(all.toString()).doesNotContain(OTHER, SecretStage.GATEWAY, SecretStage.ADMIN);
    return all.stream().filter(drift -> !drift.good()).toList();
  }

  @Test
  void whereAllIsAsItShouldBeNothingIsFound() throws Exception {
    stage.source.put("KOYEB_TOKEN", "k".repeat(40));

    assertThat(bad()).isEmpty();
  }

  @Test
  void eachKindOfDriftIsFound() throws Exception {
    stage.primary.running.put("DATABASE_URL", OTHER);
    stage.standby.running.remove("DATABASE_URL");
    stage.standby.stored.put("OLD_API_KEY", OTHER);
    stage.worker.running.put("LEFT_OVER_TOKEN", OTHER);
    stage.source.put("ADMIN_TOKEN_NEXT", "n".repeat(64));

    assertThat(bad())
        .extracting(Drift::program, Drift::secret, Drift::kind)
        .containsExactlyInAnyOrder(
            tuple("koyeb-primary", "DATABASE_URL", Kind.DIFFERENT),
            tuple("flyio-standby", "DATABASE_URL", Kind.MISSING),
            tuple("flyio-standby", "OLD_API_KEY", Kind.LEFT_OVER),
            tuple("worker", "LEFT_OVER_TOKEN", Kind.LEFT_OVER),
            tuple("source", "ADMIN_TOKEN", Kind.ROTATING),
            tuple("source", "KOYEB_TOKEN", Kind.MISSING));
  }

  @Test
  void anOriginThatRunsWithOtherSettingsThanTheFileIsFound() throws Exception {
    stage.source.put("KOYEB_TOKEN", "k".repeat(40));
    stage.settings.put("LIMITS", "on");
    stage.settings.put("MODULE_NOTES_COLOR", "rot");
    stage.settings.put("AUDIT_FILE", ""); // As if it were not set.
    stage.settings.put("lower", "which no origin proves");
    stage.primary.running.putAll(stage.settings);
    stage.standby.running.put("LIMITS", "off");

    assertThat(bad())
        .extracting(Drift::program, Drift::secret, Drift::kind)
        .containsExactlyInAnyOrder(
            tuple("flyio-standby", "LIMITS", Kind.DIFFERENT),
            tuple("flyio-standby", "MODULE_NOTES_COLOR", Kind.MISSING));
    assertThat(bad().getFirst().warning())
        .isEqualTo(
            new Warning(
                "drift",
                "flyio-standby LIMITS",
                "flyio-standby LIMITS: it runs with another value than mcpist.yml. Bring"
                    + " mcpist.yml out: mcpist deploy"));
  }

  @Test
  void whoKnowsAnotherGatewaySecretOrAdminTokenIsNamedSo() throws Exception {
    stage.source.put("KOYEB_TOKEN", "k".repeat(40));
    stage.primary.running.put("GATEWAY_SECRET", OTHER);
    stage.standby.running.put("ADMIN_TOKEN", OTHER);
    stage.worker.running.put("GATEWAY_SECRET", OTHER);

    assertThat(bad())
        .extracting(Drift::program, Drift::secret, Drift::kind)
        .containsExactlyInAnyOrder(
            tuple("worker", "GATEWAY_SECRET", Kind.DIFFERENT),
            tuple("koyeb-primary", "GATEWAY_SECRET", Kind.DIFFERENT),
            tuple("flyio-standby", "ADMIN_TOKEN", Kind.DIFFERENT));
    assertThat(bad()).allSatisfy(drift -> assertThat(drift.advice()).contains("secrets sync"));
  }

  @Test
  void whoeverDoesNotAnswerIsUnknown() throws Exception {
    stage.source.put("KOYEB_TOKEN", "k".repeat(40));
    stage.standby.close();

    assertThat(bad())
        .extracting(Drift::program, Drift::kind)
        .containsExactly(tuple("flyio-standby", Kind.UNKNOWN));
  }
}
