package com.mcpist.origin.mcp;

import com.mcpist.origin.mcp.wire.Exchange;
import com.mcpist.origin.mcp.wire.Json;
import com.mcpist.origin.mcp.wire.Message;
import com.mcpist.origin.mcp.wire.Rpc;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A stream that tells of changes (subscriptions/listen). What an origin offers changes only with
 * its release, so nothing is promised on it but its end, at which the client asks again.
 */
final class Subscription {
  private static final String ID = "io.modelcontextprotocol/subscriptionId";

  private final JsonNode id;
  private final Admission.Pass pass;

  /**
   * One that is to be opened.
   *
   * @param pass closed when the stream has ended
   */
  Subscription(Message.Request request, Admission.Pass pass) {
    this.id = request.id();
    this.pass = pass;
  }

  /** Acknowledges, and keeps the stream open until the origin stops. */
  void open(Exchange exchange) {
    ObjectNode params = Json.object();
    params.putObject("_meta").set(ID, id);
    params.putObject("notifications");
    exchange.notify(
        Json.bytes(Rpc.notification("notifications/subscriptions/acknowledged", params)));
    exchange.hold(() -> Json.bytes(Rpc.result(id, farewell())), pass::close);
  }

  private ObjectNode farewell() {
    ObjectNode result = Json.object().put("resultType", "complete");
    result.putObject("_meta").set(ID, id);
    return result;
  }
}
