package com.mcpist.origin.http;

import com.mcpist.origin.billing.Billing;
import com.mcpist.origin.mcp.Json;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has events of Stripe taken on virtual threads. On the event loop. */
record WebhookHandler(Billing billing, Context loop, Connections connections, Executor executor)
    implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookHandler.class);
  private static final int LATER = 503;

  @Override
  public void handle(HttpServerRequest request) {
    List<String> signatures = request.headers().getAll("Stripe-Signature");
    connections.receive(
        request,
        Billing.MAX_BODY_BYTES,
        () -> {
          Replies.discard(request);
          send(request.response(), Billing.tooLarge());
        },
        body -> executor.execute(() -> take(request, body.getBytes(), signatures)));
  }

  private void take(HttpServerRequest request, byte[] body, List<String> signatures) {
    Billing.Answer answer;
    try {
      answer = billing.take(body, signatures);
    } catch (RuntimeException e) {
      LOG.error("An event of Stripe was not taken", e);
      answer = new Billing.Answer(500, "failed", "The event was not taken: the log says why");
    }
    Billing.Answer told = answer;
    loop.runOnContext(v -> send(request.response(), told));
  }

  private static void send(HttpServerResponse response, Billing.Answer answer) {
    if (answer.status() == LATER) {
      response.putHeader("Retry-After", "1");
    }
    Replies.json(
        response,
        answer.status(),
        Json.object().put("code", answer.code()).put("message", answer.message()));
  }
}
