package com.mcpist.origin.http;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.billing.Billing;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Json;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has events of Stripe taken on threads that may block. On the event loop. */
record WebhookHandler(
    Billing billing, Context loop, Connections connections, Executor executor, Budget budget)
    implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookHandler.class);
  private static final int LATER = 503;

  /** The answer after a failure. It is made ahead, since memory may be what is short. */
  private static final Billing.Answer FAILED =
      new Billing.Answer(500, "failed", "The event was not taken: the log says why");

  /** All events are one user's, which has no name that a user may have. */
  private static final String STRIPE = "";

  /** A body as it comes in, as bytes, and as text. */
  private static final int COPIES = 3;

  @Override
  public void handle(HttpServerRequest request) {
    long declared = McpHandler.declared(request);
    if (declared > Billing.MAX_BODY_BYTES) {
      Replies.discard(request);
      send(request.response(), Billing.tooLarge());
      return;
    }
    long most = declared == 0 ? Billing.MAX_BODY_BYTES : declared;
    try {
      Budget.Hold hold = budget.hold(STRIPE, request.headers().entries(), COPIES * most);
      receive(request, hold);
    } catch (RefusedException e) {
      Replies.discard(request);
      // The header tells the edge that another origin may have room.
      request.response().putHeader("X-Not-Run", "overloaded");
      send(request.response(), new Billing.Answer(503, "overloaded", "There is no room now"));
    }
  }

  private void receive(HttpServerRequest request, Budget.Hold hold) {
    List<String> signatures = request.headers().getAll("Stripe-Signature");
    connections.receive(
        request,
        Billing.MAX_BODY_BYTES,
        () -> {
          hold.close();
          Replies.discard(request);
          send(request.response(), Billing.tooLarge());
        },
        body -> executor.execute(() -> take(request, body.getBytes(), signatures, hold)));
    // A request whose connection breaks never ends.
    request.exceptionHandler(_ -> hold.close());
  }

  private void take(
      HttpServerRequest request, byte[] body, List<String> signatures, Budget.Hold hold) {
    try (hold) {
      Billing.Answer answer = billing.take(body, signatures);
      loop.runOnContext(v -> send(request.response(), answer));
    } catch (Throwable e) {
      // The answer comes first, since logging may fail as well.
      loop.runOnContext(v -> send(request.response(), FAILED));
      LOG.error("An event of Stripe was not taken", withoutMessages(e));
    }
  }

  /** Returns the failure without messages: a failed statement's message has its parameters. */
  private static Throwable withoutMessages(Throwable failure) {
    Throwable cause = failure.getCause();
    String state = failure instanceof SQLException sql ? ", SQLSTATE " + sql.getSQLState() : "";
    Throwable told =
        new Exception(
            failure.getClass().getName() + state, cause == null ? null : withoutMessages(cause));
    told.setStackTrace(failure.getStackTrace());
    return told;
  }

  private static void send(HttpServerResponse response, Billing.Answer answer) {
    response.putHeader("X-Event-Outcome", answer.code());
    if (answer.status() == LATER) {
      response.putHeader("Retry-After", "1");
    }
    Replies.json(
        response,
        answer.status(),
        Json.object().put("code", answer.code()).put("message", answer.message()));
  }
}
