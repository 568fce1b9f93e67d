package com.mcpist.deploy.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.release.Announcements.Warning;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretAgesTest {
  private static final Instant NOW = Instant.parse("2026-11-28T09:00:00Z");

  private static Instant ago(int days) {
    return NOW.minus(Duration.ofDays(days));
  }

  @ParameterizedTest
  @CsvSource({
    "GATEWAY_SECRET, 99, false",
    "GATEWAY_SECRET, 100, true",
    "ADMIN_TOKEN, 100, true",
    "STRIPE_SECRET_KEY, 371, false",
    "STRIPE_SECRET_KEY, 372, true",
    "MIGRATION_DATABASE_URL, 372, true",
    "SUPABASE_URL, 4000, false",
    "CLOUDFLARE_ZONE_ID, 4000, false"
  })
  void whatIsOlderThanItMayBecomeIsTold(String name, int days, boolean told) {
    SecretAges ages = new SecretAges(Map.of(name, ago(days)), Map.of());

    assertThat(ages.warnings(List.of(name, "FLY_API_TOKEN"), NOW))
        .hasSize(told ? 1 : 0)
        .allSatisfy(
            one ->
                assertThat(one)
                    .isEqualTo(
                        new Warning(
                            "secret",
                            name,
                            "%s has not been replaced for %d days: mcpist secrets rotate %s"
                                .formatted(name, days, name))));
    assertThat(ages.warnings(List.of("FLY_API_TOKEN"), NOW)).isEmpty();
  }

  @Test
  void aTokenThatSoonEndsIsTold() {
    SecretAges soon = new SecretAges(Map.of(), Map.of("A_TOKEN", ago(-14)));
    assertThat(soon.warnings(List.of("A_TOKEN"), NOW))
        .extracting(Warning::message)
        .containsExactly(
            "A_TOKEN expires at 2026-12-12T09:00:00Z: make another one, and mcpist secrets rotate"
                + " A_TOKEN");
    assertThat(soon.warnings(List.of("A_TOKEN"), NOW.minusSeconds(1))).isEmpty();
  }
}
