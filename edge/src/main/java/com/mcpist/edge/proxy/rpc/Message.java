package com.mcpist.edge.proxy.rpc;

import org.jspecify.annotations.Nullable;

/**
 * One JSON-RPC message, as far as an edge cares.
 *
 * @param id its id as JSON text, a string or a number; null where it has none
 * @param method its method; null in a response
 * @param name {@code params.name}: the tool of a tools/call
 * @param progressToken {@code params.progressToken} as JSON text, of a progress notification
 * @param progress {@code params.progress}, of a progress notification
 */
public record Message(
    @Nullable String id,
    @Nullable String method,
    @Nullable String name,
    @Nullable String progressToken,
    double progress) {

  /** Whether it asks for a response. */
  public boolean isRequest() {
    return id != null && method != null;
  }

  /** Whether it answers a request. */
  public boolean isResponse() {
    return id != null && method == null;
  }

  /** Whether it tells the progress of a request. */
  public boolean isProgress() {
    return "notifications/progress".equals(method) && progressToken != null;
  }
}
