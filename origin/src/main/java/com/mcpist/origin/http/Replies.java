package com.mcpist.origin.http;

import com.mcpist.origin.mcp.Json;
import com.mcpist.telemetry.Metrics;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import tools.jackson.databind.JsonNode;

/** Answers in JSON and HTML, and the text of server-sent events. */
final class Replies {
  static final String EVENT_STREAM = "text/event-stream";

  private Replies() {}

  static Future<Void> json(HttpServerResponse response, int status, JsonNode body) {
    return json(response, status, Json.bytes(body));
  }

  static Future<Void> json(HttpServerResponse response, int status, byte[] body) {
    return beginJson(response, status).end(Buffer.buffer(body));
  }

  static Future<Void> text(HttpServerResponse response, Metrics.Text text) {
    return begin(response, 200, text.type()).end(text.body());
  }

  /** HTML, with a Content-Security-Policy of its own. */
  static Future<Void> html(HttpServerResponse response, String html, String policy) {
    return begin(response, 200, "text/html; charset=utf-8")
        .putHeader("Content-Security-Policy", policy)
        .end(html);
  }

  static HttpServerResponse beginJson(HttpServerResponse response, int status) {
    return begin(response, status, "application/json");
  }

  private static HttpServerResponse begin(HttpServerResponse response, int status, String type) {
    return response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, type)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }

  static Future<Void> refuse(HttpServerResponse response, int status, String code, String message) {
    return json(response, status, Json.object().put("code", code).put("message", message));
  }

  /**
   * Reads no more of a request that is refused: what still comes is thrown away, until it ends or
   * takes too long, because closing at once could take the answer from a client that still sends.
   */
  static void discard(HttpServerRequest request) {
    request.handler(piece -> {});
    request.endHandler(v -> {});
    request.exceptionHandler(e -> {});
  }

  /** Sends the head of a stream of events; a proxy on the way must not keep them back. */
  static void beginStream(HttpServerResponse response) {
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, EVENT_STREAM)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Accel-Buffering", "no")
        .writeHead();
  }

  /** An MCP message as an event: JSON on one line. */
  static Buffer message(byte[] json) {
    return Buffer.buffer("event: message\ndata: ").appendBytes(json).appendString("\n\n");
  }

  /** An event without a name: JSON on one line. */
  static Buffer data(byte[] json) {
    return Buffer.buffer("data: ").appendBytes(json).appendString("\n\n");
  }

  static Buffer comment() {
    return Buffer.buffer(":\n\n");
  }
}
