package com.mcpist.origin.http;

import com.mcpist.origin.auth.Access;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mcp.McpEndpoint;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a POST to /mcp, and has it answered on a virtual thread. Confined to the event loop. */
record McpHandler(
    McpEndpoint mcp,
    Access access,
    Context loop,
    InFlight inFlight,
    Connections connections,
    Executor executor,
    RequestBody.Budget budget)
    implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(McpHandler.class);
  private static final String USER_HEADER = "X-User-Id";

  @Override
  public void handle(HttpServerRequest request) {
    HttpExchange.Accepts accepts = HttpExchange.Accepts.of(request.getHeader(HttpHeaders.ACCEPT));
    if (!Router.areOrigins(request.headers().getAll(HttpHeaders.ORIGIN))) {
      refuse(request, 403, "bad_origin", "Pages of this origin may not call the server");
    } else if (!json(request.getHeader(HttpHeaders.CONTENT_TYPE))) {
      refuse(request, 415, "unsupported_media_type", "Content-Type must be application/json");
    } else if (accepts.none()) {
      refuse(
          request,
          406,
          "not_acceptable",
          "Accept must list application/json and " + Replies.EVENT_STREAM);
    } else {
      receiveFromCaller(request, accepts);
    }
  }

  private void receiveFromCaller(HttpServerRequest request, HttpExchange.Accepts accepts) {
    MultiMap headers = request.headers();
    try {
      Access.Caller caller =
          access.caller(headers.getAll(USER_HEADER), headers.getAll(HttpHeaders.AUTHORIZATION));
      receive(request, accepts, caller);
    } catch (RefusedException e) {
      Replies.discard(request);
      e.headers().forEach(request.response()::putHeader);
      Replies.json(request.response(), e.status(), e.body(null));
    }
  }

  private void receive(
      HttpServerRequest request, HttpExchange.Accepts accepts, Access.Caller caller) {
    RequestBody body = new RequestBody(budget);
    if (!fits(request, body, body.expect(declared(request)))) {
      return;
    }
    if (request.headers().contains(HttpHeaders.EXPECT, HttpHeaders.CONTINUE, true)) {
      request.response().writeContinue();
    }
    // One whose connection breaks, or is cut off, never ends.
    request.exceptionHandler(e -> body.release());
    request.handler(chunk -> fits(request, body, body.add(chunk)));
    request.endHandler(v -> answer(request, body, accepts, caller));
  }

  private boolean fits(HttpServerRequest request, RequestBody body, RequestBody.Fit fit) {
    switch (fit) {
      case FITS -> {}
      case TOO_LARGE -> {
        body.release();
        refuse(
            request, 413, "too_large", "The body may have at most " + budget.largest() + " bytes");
      }
      case NO_ROOM -> {
        body.release();
        // Tells an edge that another origin may have room, and that nothing is wrong with this one.
        request.response().putHeader("X-Not-Run", "overloaded").putHeader("Retry-After", "1");
        refuse(request, 503, "overloaded", "Too many large requests at once: send it again");
      }
    }
    return fit == RequestBody.Fit.FITS;
  }

  private void answer(
      HttpServerRequest request,
      RequestBody body,
      HttpExchange.Accepts accepts,
      Access.Caller caller) {
    connections.received(request);
    // From here on the body is released when its call is done, and only then.
    request.exceptionHandler(e -> {});
    HttpExchange exchange = new HttpExchange(request, loop, accepts, inFlight);
    byte[] bytes = body.handOver();
    executor.execute(
        () -> {
          try {
            post(bytes, caller, exchange);
          } catch (RuntimeException | StackOverflowError e) {
            LOG.error("A request was not answered", e);
            exchange.abandon(
                Json.bytes(Json.object().put("code", "failed").put("message", "Failed")));
          } finally {
            loop.runOnContext(v -> body.release());
            exchange.workDone();
          }
        });
  }

  private void post(byte[] body, Access.Caller caller, HttpExchange exchange) {
    try {
      mcp.post(body, access.user(caller), exchange);
    } catch (RefusedException e) {
      exchange.refuse(e.status(), e.headers(), Json.bytes(e.body(null)));
    }
  }

  private static void refuse(HttpServerRequest request, int status, String code, String message) {
    Replies.discard(request);
    Replies.refuse(request.response(), status, code, message);
  }

  private static long declared(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length.strip());
    } catch (NumberFormatException e) {
      // The codec has refused what is no length; what is too long for a long is too large.
      return Long.MAX_VALUE;
    }
  }

  private static boolean json(@Nullable String contentType) {
    return contentType != null
        && contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/json");
  }
}
