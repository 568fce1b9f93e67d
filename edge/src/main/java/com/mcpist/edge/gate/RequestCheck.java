package com.mcpist.edge.gate;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks a request's head beyond what the HTTP decoder asks for, so that no two programs on the
 * request's way can see its end at different bytes (RFC 9112, 6.3 and 11.2). The result depends on
 * the arguments alone.
 */
public record RequestCheck(int maxBodyBytes, HostNames names) {
  /** The largest number of bytes of an event of Stripe's, which is as much as an origin takes. */
  public static final int MAX_EVENT_BYTES = 256 * 1024;

  /** Returns why the request is turned away at its head; empty if it is not. */
  public Optional<Rejection> rejection(Route route, HttpVersion version, MultiMap headers) {
    return Optional.ofNullable(reason(route, version, headers));
  }

  private @Nullable Rejection reason(Route route, HttpVersion version, MultiMap headers) {
    int hosts = headers.getAll(HttpHeaders.HOST).size();
    boolean namesHost = hosts == 1 || (hosts == 0 && version == HttpVersion.HTTP_1_0);
    if (!namesHost || !wellFramed(version, headers) || !wellNamed(headers)) {
      return Rejection.MALFORMED;
    }
    if (route == Route.NOT_FOUND) {
      return Rejection.NOT_FOUND;
    }
    if (route == Route.WRONG_METHOD) {
      return Rejection.WRONG_METHOD;
    }
    // A platform asks for the health by an address, and the health is no secret.
    if (route != Route.HEALTH && !names.names(String.valueOf(headers.get(HttpHeaders.HOST)))) {
      return Rejection.WRONG_HOST;
    }
    // A page of any site may look for the way to authenticate (RFC 9728).
    boolean asksForMore = route == Route.MCP || route == Route.STATUS;
    if (asksForMore && !headers.getAll(HttpHeaders.ORIGIN).stream().allMatch(names::mayAsk)) {
      return Rejection.FOREIGN_ORIGIN;
    }
    if (route == Route.STATUS && isEmbedded(headers)) {
      return Rejection.FOREIGN_ORIGIN;
    }
    String expect = headers.get(HttpHeaders.EXPECT);
    if (expect != null && !expect.equalsIgnoreCase("100-continue")) {
      return Rejection.EXPECTATION;
    }
    // The length of a stream of events is not known, which HTTP/1.0 has no way to express.
    if (asksForMore && version == HttpVersion.HTTP_1_0) {
      return Rejection.OLD_HTTP;
    }
    int most = route == Route.WEBHOOK ? MAX_EVENT_BYTES : maxBodyBytes;
    return bodyBytes(headers) > most ? Rejection.BODY_TOO_LARGE : null;
  }

  /**
   * Returns true if a page of another site makes the request. Such a request has no Origin if the
   * page cannot read the answer.
   */
  private static boolean isEmbedded(MultiMap headers) {
    return "cross-site".equals(headers.get("Sec-Fetch-Site"))
        && !"document".equals(headers.get("Sec-Fetch-Dest"));
  }

  private static boolean wellFramed(HttpVersion version, MultiMap headers) {
    List<String> encodings = headers.getAll(HttpHeaders.TRANSFER_ENCODING);
    List<String> lengths = headers.getAll(HttpHeaders.CONTENT_LENGTH);
    if (!encodings.isEmpty()) {
      return lengths.isEmpty()
          && encodings.size() == 1
          && encodings.getFirst().equalsIgnoreCase("chunked")
          && version == HttpVersion.HTTP_1_1;
    }
    return lengths.isEmpty() || (lengths.size() == 1 && isDigits(lengths.getFirst()));
  }

  /**
   * Returns true if every name is a token (RFC 9110, 5.6.2). The decoder lets some names pass that
   * other programs would not.
   */
  private static boolean wellNamed(MultiMap headers) {
    for (Map.Entry<String, String> header : headers) {
      if (header.getKey().isEmpty() || !header.getKey().chars().allMatch(RequestCheck::ofToken)) {
        return false;
      }
    }
    return true;
  }

  private static boolean ofToken(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }

  private static boolean isDigits(String length) {
    for (int i = 0; i < length.length(); i++) {
      if (length.charAt(i) < '0' || length.charAt(i) > '9') {
        return false;
      }
    }
    return !length.isEmpty();
  }

  /** Returns the length in bytes that a head declares, or 0 if it declares none. */
  public static long bodyBytes(MultiMap headers) {
    String length = headers.get(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException tooLong) {
      return Long.MAX_VALUE;
    }
  }
}
