package com.mcpist.origin.mcp.wire;

import org.jspecify.annotations.Nullable;

/** A POST's HTTP headers; names in any case. */
@FunctionalInterface
public interface Headers {
  /** The header's value, several values joined with a comma, null where there is none. */
  @Nullable String get(String name);
}
