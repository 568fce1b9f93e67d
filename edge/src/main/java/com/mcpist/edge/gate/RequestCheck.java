package com.mcpist.edge.gate;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request's head must be like beyond what the HTTP decoder asks for, so that no two programs
 * on its way can see its end at different bytes (RFC 9112, 6.3 and 11.2). Pure.
 */
public record RequestCheck(int maxBodyBytes, HostNames names) {
  /** As much as an origin takes of an event of Stripe's. */
  public static final int MAX_EVENT_BYTES = 256 * 1024;

  /** Why the request is turned away at its head, if it is. */
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
    // A platform asks for the health by an address, and it is nothing to hide.
    if (route != Route.HEALTH && !names.names(String.valueOf(headers.get(HttpHeaders.HOST)))) {
      return Rejection.WRONG_HOST;
    }
    // A page of any site may look for the way in (RFC 9728).
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
    // A stream of events has no length, which HTTP/1.0 cannot say.
    if (asksForMore && version == HttpVersion.HTTP_1_0) {
      return Rejection.OLD_HTTP;
    }
    int most = route == Route.WEBHOOK ? MAX_EVENT_BYTES : maxBodyBytes;
    return bodyBytes(headers) > most ? Rejection.BODY_TOO_LARGE : null;
  }

  /** Whether a page of another site asks, which has no Origin where it cannot read the answer. */
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

  /** Every name is a token (RFC 9110, 5.6.2): the decoder lets some pass that others would not. */
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

  /** The length that a head gives, or 0 where it gives none. */
  public static long bodyBytes(MultiMap headers) {
    String length = headers.get(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException tooLong) {
      return Long.MAX_VALUE;
    }
  }
}
