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

  /** Origins take no moment behind it. */
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  private Expiry() {}

  /** The moment: so many days from now, when that day begins in UTC, or as it is written. */
  static Instant of(String text, Instant now) throws Failure {
    Matcher days = DAYS.matcher(text);
    if (days.matches()) {
      return now.truncatedTo(ChronoUnit.SECONDS)
          .plus(Duration.ofDays(Integer.parseInt(days.group(1))));
    }
    Instant end =
        day(text)
            .or(() -> moment(text))
            .orElseThrow(
                () ->
                    Failure.usage(
                        "--expires must be a number of days such as 90d, a date such as 2027-01-01,"
                            + " or a moment such as 2027-01-01T18:00:00Z, not "
                            + KeyNames.withoutKeys(text)));
    if (end.isAfter(LAST)) {
      throw Failure.usage("--expires must be before the year 10000");
    }
    if (!end.isAfter(now)) {
      throw Failure.usage("--expires must be in the future, and " + text + " is not");
    }
    return end;
  }

  /** Whole seconds, as days have them: who registers a key says the same as who made it. */
  private static Optional<Instant> moment(String text) {
    try {
      return Optional.of(Instant.parse(text).truncatedTo(ChronoUnit.SECONDS));
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> day(String text) {
    try {
      return Optional.of(LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }
}
