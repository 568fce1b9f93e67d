package com.mcpist.origin.http;

import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.admin.AdminReply;
import com.mcpist.origin.admin.AdminRequest;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes requests of /api/admin/, and events of those who have no admin token, and has them answered
 * on threads that may block. On the event loop.
 */
record AdminHandler(
    AdminEndpoint admin,
    Context loop,
    InFlight inFlight,
    Connections connections,
    Executor executor)
    implements Handler<HttpServerRequest> {
  @Override
  public void handle(HttpServerRequest request) {
    admin
        .refusal(request.headers().getAll(HttpHeaders.AUTHORIZATION))
        .ifPresentOrElse(refusal -> refuse(request, refusal), () -> receive(request));
  }

  /** What is told with the gateway secret alone. */
  void receive(HttpServerRequest request) {
    connections.receive(
        request,
        AdminEndpoint.MAX_BODY_BYTES,
        () -> refuse(request, admin.tooLarge()),
        body -> answer(request, body));
  }

  private void answer(HttpServerRequest request, Buffer body) {
    Map<String, String> query = new HashMap<>();
    request.params().forEach(each -> query.putIfAbsent(each.getKey(), each.getValue()));
    AdminRequest asked =
        AdminRequest.of(
            request.method().name(), Router.path(request.uri()), query, body.getBytes());
    executor.execute(
        () -> {
          AdminReply reply = admin.answer(asked);
          loop.runOnContext(v -> send(request.response(), reply));
        });
  }

  private void refuse(HttpServerRequest request, AdminReply refusal) {
    Replies.discard(request);
    send(request.response(), refusal);
  }

  private void send(HttpServerResponse response, AdminReply reply) {
    if (inFlight.draining()) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    reply.headers().forEach(response::putHeader);
    @Nullable ObjectNode body = reply.body();
    if (body == null) {
      var _ = response.setStatusCode(reply.status()).end();
    } else {
      Replies.json(response, reply.status(), body);
    }
  }
}
