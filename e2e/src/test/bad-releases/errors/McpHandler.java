package com.mcpist.origin.http;

import com.mcpist.origin.auth.Access;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.McpEndpoint;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.Executor;

/** A release that starts, finds itself healthy, and answers every call with 500. */
record McpHandler(
    McpEndpoint mcp,
    Access access,
    Context loop,
    InFlight inFlight,
    Connections connections,
    Executor executor,
    Budget budget)
    implements Handler<HttpServerRequest> {
  @Override
  public void handle(HttpServerRequest request) {
    request.endHandler(v -> request.response().setStatusCode(500).end());
  }
}
