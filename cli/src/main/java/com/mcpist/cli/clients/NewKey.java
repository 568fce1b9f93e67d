package com.mcpist.cli.clients;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Hints;
import com.mcpist.deploy.secret.ApiKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A key to be let in, without the key; without an end it lets its user in for ever. */
record NewKey(String name, String user, Optional<Instant> expires) {
  static final String OPERATOR = "local";

  /** What is shown for a key that must not be shown. */
  static final String ELSEWHERE = "$KEY";

  private static final Pattern DAYS = Pattern.compile("([1-9][0-9]{0,4})d");

  /** Origins accept no later time. */
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  static final class Options {
    @Parameters(
        paramLabel = "NAME",
        description =
            "The key's name: 1 to 100 letters, digits and ._@-. No other key that works may"
                + " have it; that of a revoked or expired key is free.")
    private String name = "";

    @Option(
        names = "--user",
        paramLabel = "USER",
        defaultValue = OPERATOR,
        description = "The user that the key acts as (default: ${DEFAULT-VALUE}, the operator).")
    private String user = OPERATOR;

    @Option(
        names = "--expires",
        paramLabel = "WHEN",
        description =
            "When it expires: after days (90d), when a day begins in UTC (2027-01-01), or"
                + " at a time (2027-01-01T18:00:00Z). Default: never.")
    private @Nullable String expires;

    /** What was given; days are counted from now. */
    NewKey checked(Instant now) throws Failure {
      Names.checkKey(name);
      if (ApiKey.isSuspected(user)) {
        throw Failure.usage("--user must be a user's name, and what is given looks like a key");
      }
      Names.checkUser("--user", user);
      Optional<Instant> end =
          expires == null ? Optional.empty() : Optional.of(moment(expires, now));
      return new NewKey(name, user, end);
    }
  }

  /** In so many days from now, when that day begins in UTC, or at that moment. */
  static Instant moment(String text, Instant now) throws Failure {
    Matcher days = DAYS.matcher(text);
    if (days.matches()) {
      return now.truncatedTo(ChronoUnit.SECONDS)
          .plus(Duration.ofDays(Integer.parseInt(days.group(1))));
    }
    Instant end;
    try {
      // Whole seconds, as days have them: who registers a key says the same as who made it.
      end =
          text.toUpperCase(Locale.ROOT).contains("T")
              ? Instant.parse(text).truncatedTo(ChronoUnit.SECONDS)
              : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeParseException _) {
      throw Failure.usage(
          "--expires must be a number of days such as 90d, a date such as 2027-01-01, or a moment"
              + " such as 2027-01-01T18:00:00Z, not "
              + Failure.withoutKeys(text));
    }
    if (end.isAfter(LAST)) {
      throw Failure.usage("--expires must be before the year 10000");
    }
    if (!end.isAfter(now)) {
      throw Failure.usage("--expires must be in the future, and " + text + " is not");
    }
    return end;
  }

  /** What to do with a key that the origins know; shown where it is on this terminal anyway. */
  String registered(ClientsPlace.Door door, String shown) {
    return beginning(door, shown)
        + "\n`mcpist keys revoke %s` revokes it.\n".formatted(name)
        + door.notes(user);
  }

  /** Command lines that have a workflow, .github/workflows/operate.yml, register and end it. */
  String unregistered(String digest, ClientsPlace.Door door, String shown) {
    return beginning(door, shown)
        + """

        No origin knows the key yet. This lets a workflow register it by its digest, which is no
        secret; the key works once that run has ended:
          %s

        This revokes it:
          %s
        """
            .formatted(
                workflow(
                    Stream.concat(
                        Stream.of(
                            "command=keys-register",
                            "name=" + name,
                            "user=" + user,
                            "digest=" + digest),
                        expires.map(end -> "expires=" + end).stream())),
                workflow(Stream.of("command=keys-revoke", "name=" + name)))
        + door.notes(user);
  }

  private String beginning(ClientsPlace.Door door, String shown) {
    return """

    This is the key %s of the user %s; it %s. It is shown once: keep it like a password.%s

    Claude Code:
      claude mcp add --transport http --scope user mcpist %s \\
        --header "Authorization: Bearer %s"
    """
        .formatted(
            name,
            user,
            end(expires),
            shown.equals(ELSEWHERE) ? "\nBelow, %s stands for it.".formatted(ELSEWHERE) : "",
            door.address(),
            shown);
  }

  static String end(Optional<Instant> end) {
    return end.map(moment -> "expires at " + moment).orElse("does not expire");
  }

  private static String workflow(Stream<String> fields) {
    return "gh workflow run operate.yml"
        + fields.map(field -> " -f " + Hints.word(field)).collect(Collectors.joining());
  }
}
