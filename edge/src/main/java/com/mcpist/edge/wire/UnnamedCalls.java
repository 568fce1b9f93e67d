package com.mcpist.edge.wire;

import com.mcpist.edge.wire.Payload.ToolCall;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the calls of tools that a client has not named by a key of its own. If such a call is sent
 * again, it can be recognized only by its tool and its arguments.
 */
public final class UnnamedCalls {
  private UnnamedCalls() {}

  /**
   * Returns the unnamed calls of a request.
   *
   * @param key the request's Idempotency-Key, or null if it has none
   */
  public static Set<ToolCall> of(Payload payload, @Nullable String key) {
    return payload.requests().stream()
        .filter(each -> each.isToolCall() && !CallError.hasClientsKey(key, each))
        .map(each -> new ToolCall(Objects.requireNonNullElse(each.name(), ""), each.arguments()))
        .collect(Collectors.toSet());
  }
}
