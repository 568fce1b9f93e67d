package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.PoolState;
import com.mcpist.edge.pool.PoolState.OriginState;
import com.mcpist.edge.pool.PoolState.OriginState.LastFailure;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes the report of an edge on its origins. A release or a last failure that is not known is
 * null.
 */
public final class OriginReport {
  private OriginReport() {}

  /**
   * Returns the report. {@code release} gives the release that an origin runs, by the origin's
   * name.
   */
  public static ArrayNode of(OriginPool pool, Function<String, @Nullable String> release) {
    PoolState now = pool.state();
    ArrayNode origins = JsonMapper.shared().createArrayNode();
    for (Origin origin : pool.origins()) {
      OriginState state = now.origin(origin.name());
      LastFailure last = state.lastFailure();
      ObjectNode entry =
          origins
              .addObject()
              .put("name", origin.name())
              .put("url", origin.url().toString())
              .put("state", state.status().label())
              .put("active", origin.name().equals(now.active()))
              .put("release", release.apply(origin.name()))
              .putNull("lastFailure");
      if (last != null) {
        entry.putObject("lastFailure").put("at", last.at().toString()).put("reason", last.reason());
      }
    }
    return origins;
  }
}
