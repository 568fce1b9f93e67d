package com.mcpist.deploy.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Sync.Result;
import com.mcpist.deploy.secrets.Sync.SecretResult;
import com.mcpist.testkit.vendor.Fault;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets on the vendors' stand-ins, by what production is put together from. */
class VendorsTest extends VendorsStage {
  @Test
  void whatSomebodyHasChangedByHandIsFoundAndMended() throws Exception {
    primary.running.put("DATABASE_URL", "postgres://somebody:else-entirely@elsewhere/notes");

    assertThat(differing()).containsExactly("koyeb-primary DATABASE_URL");
    assertThat(sync(true).run())
        .filteredOn(row -> row.result() != Result.UNCHANGED)
        .extracting(row -> row.program() + " " + row.secret())
        .containsExactly("koyeb-primary DATABASE_URL");
    assertThat(differing()).isEmpty();
    assertThat(onFly).isEqualTo(2);
  }

  @Test
  void gitHubAndCloudflareTellHowOldSecretsAreToWhoMayAsk() throws Exception {
    Instant end = Instant.parse("2027-01-31T09:00:00Z");
    github.storedByHand("GATEWAY_SECRET", "v");
    cloudflare.tokenEnds(end);

    SecretAges ages = production().ages(time.minutes(1));

    assertThat(ages.stored()).containsOnlyKeys("GATEWAY_SECRET");
    assertThat(ages.stored().get("GATEWAY_SECRET")).isAfter("2026-11-25T00:00:00Z");
    assertThat(ages.ends()).isEqualTo(Map.of("CLOUDFLARE_API_TOKEN", end));
    environment.keySet().removeAll(List.of("SECRETS_GITHUB_TOKEN", "CLOUDFLARE_API_TOKEN"));
    assertThat(production().ages(time.minutes(1))).isEqualTo(SecretAges.UNKNOWN);
  }

  @Test
  void whatMayBeAnotherAppsIsNotLeftOver() throws Exception {
    koyeb.app("notes-staging");
    koyeb.secretOfSomebodyElse("notes-staging-gateway-secret");
    assertThat(differing()).isEmpty();

    koyeb.secretOfSomebodyElse("notes-old-key");
    assertThat(differing()).containsExactly("koyeb-primary OLD_KEY");
  }

  @Test
  void aNameThatWasOnlyStoredWhenItBrokeOffIsMadeKnownByTheNextRun() throws Exception {
    more = "  " + STRIPE + ": [origins]\n";
    environment.put(STRIPE, "sk_live_of_nobody_at_all_0123456789");
    for (Target target : production().site(Optional.empty()).site().targets()) {
      var _ =
          target
              .platform()
              .orElseThrow()
              .putSecrets(
                  Map.of(STRIPE, Secret.of(environment.getOrDefault(STRIPE, ""))), time.minutes(5));
    }

    assertThat(sync(true).run())
        .filteredOn(row -> row.secret().equals(STRIPE))
        .extracting(SecretResult::result)
        .containsOnly(Result.CHANGED);
    assertThat(primary.running).containsEntry(STRIPE, environment.get(STRIPE));
    assertThat(standby.running).containsEntry(STRIPE, environment.get(STRIPE));
    assertThat(sync(true).run()).extracting(SecretResult::result).containsOnly(Result.UNCHANGED);
  }

  @Test
  void aTokenThatIsNotGoodDoesNotReplaceOneThatIs() throws Exception {
    environment.put("KOYEB_TOKEN_NEXT", "a-token-that-somebody-has-mistyped");
    koyeb.fail("GET /v1/services/.*", Fault.status(401, "{\"message\":\"no\"}"));

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> rotate("KOYEB_TOKEN"))
        .withMessageContaining("the new KOYEB_TOKEN is not good: koyeb: ")
        .withMessageNotContaining("mistyped");
    assertThat(github.secret("KOYEB_TOKEN")).isEmpty();

    var _ = rotate("KOYEB_TOKEN");
    assertThat(github.secret("KOYEB_TOKEN")).contains("a-token-that-somebody-has-mistyped");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GATEWAY_SECRET", "ADMIN_TOKEN"})
  void aRotationEndsWithOneNewValueEverywhere(String name) throws Exception {
    String before = environment.getOrDefault(name, "");

    var _ = rotate(name);

    String value = github.secret(name).orElseThrow();
    assertThat(value).hasSize(64).isNotEqualTo(before);
    assertThat(github.secret(name + "_NEXT")).isEmpty();
    assertThat(cloudflare.secret(name)).contains(value);
    assertThat(fly.secret(name)).isEqualTo(value);
    assertThat(primary.running).containsEntry(name, value);
    environment.put(name, value); // As the next workflow has it.
    assertThat(differing()).isEmpty();
  }

  @Test
  void aVendorThatFailsInTheMiddleStopsItAndTheSameCommandFinishes() throws Exception {
    cloudflare.fail("PUT .*/secrets", Fault.status(403, "{\"success\":false,\"errors\":[]}"));

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> rotate("GATEWAY_SECRET"))
        .withMessageContaining("cloudflare: ")
        .withMessageNotContaining(SecretStage.GATEWAY)
        .withMessageNotContaining(TOKEN);
    assertThat(books.isLocked()).isFalse();
    String next = github.secret("GATEWAY_SECRET_NEXT").orElseThrow();
    assertThat(primary.running.get("GATEWAY_SECRET")).isEqualTo(SecretStage.GATEWAY + "," + next);

    assertThatExceptionOfType(DeployException.class)
        .as("a workflow that does not hand it on must not make another")
        .isThrownBy(() -> rotate("GATEWAY_SECRET"))
        .withMessageContaining("GATEWAY_SECRET");
    assertThat(github.secret("GATEWAY_SECRET_NEXT")).contains(next);

    environment.put("GATEWAY_SECRET_NEXT", next);
    var _ = rotate("GATEWAY_SECRET");
    assertThat(github.secret("GATEWAY_SECRET")).contains(next);
    assertThat(cloudflare.secret("GATEWAY_SECRET")).contains(next);
    assertThat(fly.secret("GATEWAY_SECRET")).isEqualTo(next);
  }
}
