package com.mcpist.origin.http;

import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.admin.AdminReply;
import com.mcpist.origin.admin.AdminRequest;
import com.mcpist.origin.mcp.Json;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
  private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);

  /** The correlation id of all errors after which the origin may lack the memory for a new one. */
  private static final UUID FAILURE = UUID.randomUUID();

  /** The body that is sent after such an error. */
  private static final byte[] FAILED = Json.bytes(failed());

  private static ObjectNode failed() {
    ObjectNode body = Json.object();
    body.putObject("error")
        .put("code", "failed")
        .put("message", "The origin failed to do this. Its log says why.")
        .put("correlationId", FAILURE.toString());
    return body;
  }

  @Override
  public void handle(HttpServerRequest request) {
    admin
        .refusal(request.headers().getAll(HttpHeaders.AUTHORIZATION))
        .ifPresentOrElse(refusal -> refuse(request, refusal), () -> receive(request));
  }

  /** Receives a request that needs the gateway secret alone. */
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
          try {
            AdminReply reply = admin.answer(asked);
            loop.runOnContext(v -> send(request.response(), reply));
          } catch (Throwable e) {
            // The answer comes first, since logging may fail as well.
            loop.runOnContext(v -> Replies.json(request.response(), 500, FAILED));
            LOG.error("An admin request was not answered, correlation id {}", FAILURE, e);
          }
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
