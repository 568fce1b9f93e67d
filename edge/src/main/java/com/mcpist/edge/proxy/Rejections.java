package com.mcpist.edge.proxy;

import com.mcpist.edge.proxy.rpc.CallError;
import com.mcpist.edge.proxy.rpc.Payload;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** How a rejection reads. Pure. */
final class Rejections {
  private static final Payload UNREAD = new Payload(false, false, List.of());
  private static final JsonMapper JSON = JsonMapper.shared();

  private Rejections() {}

  /** A JSON-RPC error where JSON-RPC is spoken, a plain object elsewhere; {@code id} in either. */
  static String body(Rejection rejection, Route route, String id) {
    if (route == Route.MCP) {
      return CallError.rejected(rejection.code(), rejection.sentence(), id, id).answer(UNREAD);
    }
    return JSON.writeValueAsString(
        JSON.createObjectNode()
            .put("code", rejection.code())
            .put("message", rejection.sentence())
            .put("id", id));
  }
}
