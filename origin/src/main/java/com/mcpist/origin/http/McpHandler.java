package com.mcpist.origin.http;

import com.mcpist.origin.auth.Access;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mcp.McpEndpoint;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a POST to /mcp, and has it answered on a thread that may block. On the event loop. */
record McpHandler(
    McpEndpoint mcp,
    Access access,
    Context loop,
    InFlight inFlight,
    Connections connections,
    Executor executor,
    Budget budget)
    implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(McpHandler.class);
  private static final String USER_HEADER = "X-User-Id";

  /** The body that is sent after a failure. It is made ahead, since memory may be what is short. */
  private static final byte[] FAILED =
      Json.bytes(Json.object().put("code", "failed").put("message", "Failed"));

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
      switch (access.caller(
          headers.getAll(USER_HEADER), headers.getAll(HttpHeaders.AUTHORIZATION))) {
        case Access.Caller.Known known -> receive(request, accepts, known.user());
        case Access.Caller.Holder holder -> {
          Budget.Hold hold = budget.hold(holder.digest(), headers.entries(), 0);
          request.pause();
          executor.execute(() -> lookUp(request, accepts, holder, hold));
        }
      }
    } catch (RefusedException e) {
      refuse(request, e);
    }
  }

  /** Before anything is held for whoever sends a key that nobody has. Blocks. */
  private void lookUp(
      HttpServerRequest request,
      HttpExchange.Accepts accepts,
      Access.Caller.Holder holder,
      Budget.Hold hold) {
    try (hold) {
      String user = access.user(holder);
      loop.runOnContext(
          v -> {
            receive(request, accepts, user);
            request.resume();
          });
    } catch (RefusedException e) {
      loop.runOnContext(
          v -> {
            refuse(request, e);
            request.resume();
          });
    } catch (Throwable e) {
      loop.runOnContext(
          v -> {
            Replies.discard(request);
            Replies.json(request.response(), 503, FAILED);
            request.resume();
          });
      LOG.error("A key was not looked up", e);
    }
  }

  private void receive(HttpServerRequest request, HttpExchange.Accepts accepts, String user) {
    MultiMap headers = request.headers();
    long declared = declared(request);
    if (request.response().closed()) {
      return;
    }
    if (declared > budget.largestText()) {
      refuseTooLarge(request);
      return;
    }
    try {
      Budget.Hold hold = budget.hold(user, headers.entries(), declared);
      RequestBody body = new RequestBody(hold, (int) declared);
      if (headers.contains(HttpHeaders.EXPECT, HttpHeaders.CONTINUE, true)) {
        request.response().writeContinue();
      }
      // One whose connection breaks, or is cut off, never ends.
      request.exceptionHandler(e -> hold.close());
      request.handler(chunk -> add(request, hold, body, chunk));
      request.endHandler(v -> answer(request, accepts, user, hold, body));
    } catch (RefusedException e) {
      refuse(request, e);
    }
  }

  private void add(HttpServerRequest request, Budget.Hold hold, RequestBody body, Buffer chunk) {
    try {
      if (body.length() + chunk.length() <= budget.largestText()) {
        body.add(chunk);
        return;
      }
      refuseTooLarge(request);
    } catch (RefusedException e) {
      refuse(request, e);
    }
    hold.close();
  }

  private void refuseTooLarge(HttpServerRequest request) {
    String message = "The body may have at most " + budget.largestText() + " bytes";
    refuse(request, 413, "too_large", message);
  }

  private void answer(
      HttpServerRequest request,
      HttpExchange.Accepts accepts,
      String user,
      Budget.Hold hold,
      RequestBody body) {
    connections.received(request);
    // From here on the exchange closes the hold, when its call is done and has been answered.
    request.exceptionHandler(e -> {});
    HttpExchange exchange = new HttpExchange(request, loop, accepts, inFlight, hold);
    executor.execute(
        () -> {
          try {
            mcp.post(body::handOver, user, exchange);
          } catch (Throwable e) {
            exchange.abandon(FAILED); // First, since logging may fail as well.
            LOG.error("A request was not answered", e);
          } finally {
            exchange.workDone();
          }
        });
  }

  private void refuse(HttpServerRequest request, RefusedException refusal) {
    Replies.discard(request);
    refusal.headers().forEach(request.response()::putHeader);
    byte[] error = mcp.refusal(refusal, HttpExchange.headers(request));
    Replies.json(request.response(), refusal.status(), error);
  }

  private static void refuse(HttpServerRequest request, int status, String code, String message) {
    Replies.discard(request);
    Replies.refuse(request.response(), status, code, message);
  }

  /** What a body says it has of bytes; 0 where it does not say it. */
  static long declared(HttpServerRequest request) {
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
