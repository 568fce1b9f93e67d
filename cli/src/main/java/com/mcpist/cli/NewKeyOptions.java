package com.mcpist.cli;

import com.mcpist.deploy.keys.ApiKey;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What every command takes that lets a key in, whether it is made there or was made elsewhere. */
final class NewKeyOptions {
  static final String OPERATOR = "local";

  @Parameters(
      paramLabel = "NAME",
      description =
          "What the key is called, of 1 to 100 letters, digits and ._@-; no other key that works"
              + " may be called so. The name of one that was revoked or has expired is free.")
  private String name = "";

  @Option(
      names = "--user",
      paramLabel = "USER",
      defaultValue = OPERATOR,
      description =
          "Whom the key makes the caller (default: ${DEFAULT-VALUE}, who is the operator).")
  private String user = OPERATOR;

  @Option(
      names = "--expires",
      paramLabel = "WHEN",
      description =
          "When it ends: in so many days, as 90d, when a day begins, as 2027-01-01, in UTC, or at a"
              + " moment, as 2027-01-01T18:00:00Z (default: never).")
  private @Nullable String expires;

  /**
   * What was given.
   *
   * @param now where days are counted from
   * @throws Failure where something of it cannot be
   */
  NewKey checked(Instant now) throws Failure {
    KeyNames.check(name);
    if (ApiKey.isSuspected(user)) {
      throw Failure.usage("--user must be a user's name, and what is given looks like a key");
    }
    UserNames.check("--user", user);
    String when = expires;
    return new NewKey(
        name, user, when == null ? Optional.empty() : Optional.of(Expiry.of(when, now)));
  }
}
