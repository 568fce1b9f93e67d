package com.mcpist.cli;

import com.mcpist.deploy.secrets.SecretSite.ChangeOptions;
import java.time.Duration;
import picocli.CommandLine.Option;

/** What every command that changes secrets takes. */
final class SecretsOptions {
  @Option(
      names = "--force",
      description =
          "Go on where no other origin serves meanwhile, and where the deployment cannot be"
              + " locked.")
  private boolean force;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "5m",
      description =
          "How long one program may take until it runs with a value (default: ${DEFAULT-VALUE}).")
  private Duration timeout = Duration.ofMinutes(5);

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "1m",
      description = "How long to wait for somebody else's deployment (default: ${DEFAULT-VALUE}).")
  private Duration wait = Duration.ofMinutes(1);

  @Option(names = "--dry-run", description = "Show what would be done; change nothing.")
  private boolean preview;

  @Option(names = "--json", description = "For programs; progress goes to standard error.")
  private boolean json;

  boolean preview() {
    return preview;
  }

  boolean json() {
    return json;
  }

  /**
   * How it is to be done.
   *
   * @param restart whether origins start again for their new values
   */
  ChangeOptions order(boolean restart) {
    return new ChangeOptions(Who.here(), force, restart, timeout, wait);
  }
}
