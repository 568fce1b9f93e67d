package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryTest {
  private static final Instant NOW = Instant.parse("2026-11-26T10:30:00.123456Z");

  @Test
  void daysAreCountedFromNowAndADateIsItsBeginning() throws Exception {
    assertThat(Expiry.of("90d", NOW)).isEqualTo("2027-02-24T10:30:00Z");
    assertThat(Expiry.of("2026-11-27", NOW)).isEqualTo("2026-11-27T00:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0d", "d", "-1d", "90", "90h", "soon", "2026-13-01", "123456d"})
  void whatIsNeitherIsRefused(String text) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> Expiry.of(text, NOW))
        .withMessageContaining("a number of days such as 90d, or a date such as 2027-01-01");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-11-26", "2020-01-01"})
  void whatHasBegunIsRefused(String text) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> Expiry.of(text, NOW))
        .withMessageContaining("must be in the future");
  }
}
