package com.mcpist.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** When something ends, as it is written in a command. */
final class Expiry {
  private static final Pattern DAYS = Pattern.compile("([1-9][0-9]{0,4})d");

  private Expiry() {}

  /** The moment: so many days from now, or when that day begins in UTC. */
  static Instant of(String text, Instant now) throws Failure {
    Matcher days = DAYS.matcher(text);
    if (days.matches()) {
      return now.truncatedTo(ChronoUnit.SECONDS)
          .plus(Duration.ofDays(Integer.parseInt(days.group(1))));
    }
    Instant end =
        day(text)
            .orElseThrow(
                () ->
                    Failure.usage(
                        "--expires must be a number of days such as 90d, or a date such as"
                            + " 2027-01-01, not "
                            + text));
    if (!end.isAfter(now)) {
      throw Failure.usage("--expires must be in the future, and " + text + " has begun already");
    }
    return end;
  }

  private static Optional<Instant> day(String text) {
    try {
      return Optional.of(LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }
}
