package com.mcpist.origin.http;

import com.mcpist.database.Channel;
import com.mcpist.origin.mcp.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** What the listener asks about the origin's health. */
public interface HealthSource {
  /** Checks now. Called on a thread that may block for its own limit. */
  Report check();

  /** Whether the database has answered within the last second. Does not block. */
  boolean databaseAnswered();

  /** The database's clock, in milliseconds since 1970. Does not block. */
  default long clock() {
    return System.currentTimeMillis();
  }

  /** Whether calls should come here, and what only those with the gateway secret are told. */
  record Report(boolean healthy, ObjectNode details) {}

  /**
   * The origin is healthy when its database answers and has the schema it needs, whose version is
   * empty until then. The channels are what its connections are, by the variable of their address.
   * Problems are what is wrong all the same. It started at {@code startedNanos}, by {@link
   * System#nanoTime()}.
   */
  record OriginHealth(
      Identity identity,
      DatabaseMonitor database,
      Supplier<OptionalInt> schemaVersion,
      Supplier<Map<String, Channel>> channels,
      Supplier<List<String>> problems,
      long startedNanos)
      implements HealthSource {
    @Override
    public HealthSource.Report check() {
      long now = System.nanoTime();
      DatabaseMonitor.State state = database.state();
      OptionalInt version = schemaVersion.get();
      ObjectNode details = Json.object();
      details
          .put("release", identity.release())
          .put("digest", identity.digest())
          .put("environment", identity.environment())
          .put("instance", identity.instance());
      if (state.readOnly()) {
        details.put("database", "read-only");
      } else {
        ObjectNode told = details.putObject("database").put("latencyMillis", state.latencyMillis());
        version.ifPresentOrElse(
            v -> told.put("schemaVersion", v), () -> told.putNull("schemaVersion"));
        channels
            .get()
            .forEach(
                (name, channel) ->
                    told.withObject("connections")
                        .putObject(name)
                        .put("told", channel.told())
                        .put("trusted", channel.trusted()));
      }
      problems.get().forEach(details.withArray("problems")::add);
      details.put("clock", state.clock(now));
      details.put("clockSkewMillis", System.currentTimeMillis() - state.clock(now));
      details.put("uptimeSeconds", Duration.ofNanos(now - startedNanos).toSeconds());
      return new HealthSource.Report(state.healthy(now) && version.isPresent(), details);
    }

    @Override
    public boolean databaseAnswered() {
      return database.state().answeredRecently(System.nanoTime());
    }

    @Override
    public long clock() {
      return database.now().toEpochMilli();
    }

    /** Who this process is; the digest is of its image, empty outside of one. */
    public record Identity(String release, String digest, String environment, String instance) {}
  }
}
