package com.mcpist.cli.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.cli.console.Failure;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryTest {
  private static final Instant NOW = Instant.parse("2026-11-26T10:30:00.123456Z");

  @Test
  void daysAreCountedFromNowADateIsItsBeginningAndAMomentIsItself() throws Exception {
    assertThat(NewKey.moment("90d", NOW)).isEqualTo("2027-02-24T10:30:00Z");
    assertThat(NewKey.moment("2026-11-27", NOW)).isEqualTo("2026-11-27T00:00:00Z");
    assertThat(NewKey.moment("2026-11-26T10:31:07.5Z", NOW)).isEqualTo("2026-11-26T10:31:07Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0d",
        "d",
        "-1d",
        "90",
        "90h",
        "soon",
        "2026-13-01",
        "123456d",
        "2026-11-27T25:00:00Z"
      })
  void whatIsNeitherIsRefused(String text) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> NewKey.moment(text, NOW))
        .withMessageContaining(
            "a number of days such as 90d, a date such as 2027-01-01, or a moment");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-11-26", "2020-01-01", "2026-11-26T10:30:00Z"})
  void whatHasBegunIsRefused(String text) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> NewKey.moment(text, NOW))
        .withMessageContaining("must be in the future");
  }

  @ParameterizedTest
  @ValueSource(strings = {"+10000-01-01", "+10000-01-01T00:00:00Z"})
  void whatOriginsDoNotTakeIsRefused(String text) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> NewKey.moment(text, NOW))
        .withMessageContaining("before the year 10000");
  }
}
