package com.mcpist.cli;

import com.mcpist.deploy.release.Order;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command that changes the origins' release takes. */
final class RolloutOptions {
  @Option(
      names = "--force",
      description =
          "Go on where no other origin is healthy, to what is not healthy first, and where the"
              + " deployment can neither be locked nor recorded, as the first one of all.")
  private boolean force;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "10m",
      description =
          "How long the origins may take to be healthy with it (default: ${DEFAULT-VALUE}).")
  private Duration timeout = Duration.ofMinutes(10);

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

  @Option(
      names = "--run",
      paramLabel = "ID",
      description =
          "What several commands have in common that are one deployment, each --origin with"
              + " --no-verify: they share its lock, which `mcpist verify --run` gives back.")
  private @Nullable String run;

  boolean force() {
    return force;
  }

  boolean preview() {
    return preview;
  }

  boolean json() {
    return json;
  }

  /**
   * How it is deployed.
   *
   * @param patience how long a check may fail once the origins are healthy
   */
  Order.Terms terms(boolean verify, Duration patience) {
    return new Order.Terms(
        force,
        verify,
        Who.here(),
        Optional.ofNullable(run),
        new Order.Limits(timeout, patience, wait));
  }
}
