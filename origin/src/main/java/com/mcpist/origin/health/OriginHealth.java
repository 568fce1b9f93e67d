package com.mcpist.origin.health;

import com.mcpist.origin.http.HealthReport;
import com.mcpist.origin.http.HealthSource;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.Supplier;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The origin's health: it is healthy when its database answers and has the schema it needs. */
public final class OriginHealth implements HealthSource {
  private final OriginIdentity identity;
  private final DatabaseMonitor database;
  private final Supplier<OptionalInt> schemaVersion;
  private final long startedNanos;

  /**
   * Reports on this process.
   *
   * @param schemaVersion empty until the schema is what this release needs
   * @param startedNanos when it started, by {@link System#nanoTime()}
   */
  public OriginHealth(
      OriginIdentity identity,
      DatabaseMonitor database,
      Supplier<OptionalInt> schemaVersion,
      long startedNanos) {
    this.identity = identity;
    this.database = database;
    this.schemaVersion = schemaVersion;
    this.startedNanos = startedNanos;
  }

  @Override
  public HealthReport check() {
    long now = System.nanoTime();
    DatabaseState state = database.state();
    OptionalInt version = schemaVersion.get();
    ObjectNode details = JsonNodeFactory.instance.objectNode();
    details
        .put("release", identity.release())
        .put("digest", identity.digest())
        .put("environment", identity.environment())
        .put("instance", identity.instance());
    ObjectNode told = details.putObject("database").put("latencyMillis", state.latencyMillis());
    version.ifPresentOrElse(v -> told.put("schemaVersion", v), () -> told.putNull("schemaVersion"));
    details.put("uptimeSeconds", Duration.ofNanos(now - startedNanos).toSeconds());
    return new HealthReport(state.healthy(now) && version.isPresent(), details);
  }

  @Override
  public boolean databaseAnswered() {
    return database.state().answeredRecently(System.nanoTime());
  }
}
