package com.mcpist.origin.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;

/** The text of server-sent events. */
final class EventStream {
  static final String MEDIA_TYPE = "text/event-stream";

  private static final byte[] MESSAGE = ascii("event: message\ndata: ");
  private static final byte[] DATA = ascii("data: ");
  private static final byte[] END = ascii("\n\n");
  private static final byte[] COMMENT = ascii(":\n\n");

  private EventStream() {}

  /** Sends the head of the response; a proxy on the way must not keep events back. */
  static void begin(HttpServerResponse response) {
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Accel-Buffering", "no")
        .writeHead();
  }

  /** An MCP message: JSON on one line. */
  static Buffer message(byte[] json) {
    return event(MESSAGE, json);
  }

  /** JSON on one line. */
  static Buffer data(byte[] json) {
    return event(DATA, json);
  }

  /** Says nothing, but says it. */
  static Buffer comment() {
    return Buffer.buffer(COMMENT);
  }

  private static Buffer event(byte[] start, byte[] json) {
    return Buffer.buffer(start.length + json.length + END.length)
        .appendBytes(start)
        .appendBytes(json)
        .appendBytes(END);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
