package com.mcpist.e2e.security;

import com.mcpist.e2e.harness.EdgeConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Requests as bytes on the wire. */
final class Requests {
  static final String SECRET = "X-Gateway-Secret: " + EdgeConfig.SECRET + "\r\n";

  /** What leaves a trace, if it is run. */
  static final String SAVE =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"memory_save\",\"arguments\":{\"title\":\"a"
          + " trace\",\"text\":\"t\"}}}";

  private static final String HEAD =
      String.join(
          "\r\n",
          "Host: localhost",
          "Content-Type: application/json",
          "Accept: application/json, text/event-stream",
          "MCP-Protocol-Version: 2025-11-25",
          "");

  private Requests() {}

  static String bearer(String token) {
    return "Authorization: Bearer " + token + "\r\n";
  }

  /** What lets one in who has a key, whoever is asked: the origin's part an edge takes away. */
  static String letIn(Stage stage) {
    return SECRET + "X-User-Id: alice\r\n" + bearer(stage.key);
  }

  /** What an edge sends with a key, or with what it takes for one. */
  static String passedOn(String key) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] digest = sha256.digest(key.getBytes(StandardCharsets.UTF_8));
      String user = "key:" + HexFormat.of().formatHex(digest, 0, 8);
      return SECRET + "X-User-Id: " + user + "\r\n" + bearer(key);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A call that saves a memory, with more header lines. */
  static String call(String headers) {
    return call("/mcp", headers, SAVE);
  }

  static String call(String target, String headers, String body) {
    return "POST %s HTTP/1.1\r\n%s%sContent-Length: %d\r\n\r\n%s"
        .formatted(target, HEAD, headers, body.length(), body);
  }

  /** The same with a head that says of the body's length what {@code framing} says. */
  static String framed(String headers, String framing, String body) {
    return "POST /mcp HTTP/1.1\r\n" + HEAD + headers + framing + "\r\n" + body;
  }
}
