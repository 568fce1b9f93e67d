package com.mcpist.edge.gate;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a request's head must be like beyond what the HTTP decoder asks for, so that no two programs
 * on its way can see its end at different bytes (RFC 9112, 6.3 and 11.2). Pure.
 */
public record RequestCheck(int maxBodyBytes, HostNames names) {

  /** Why the request is turned away at its head, if it is. */
  public Optional<Rejection> rejection(Route route, HttpVersion version, MultiMap headers) {
    int hosts = headers.getAll(HttpHeaders.HOST).size();
    boolean namesHost = hosts == 1 || (hosts == 0 && version == HttpVersion.HTTP_1_0);
    if (!namesHost || !wellFramed(version, headers) || !wellNamed(headers)) {
      return Optional.of(Rejection.MALFORMED);
    }
    return switch (route) {
      case NOT_FOUND -> Optional.of(Rejection.NOT_FOUND);
      case WRONG_METHOD -> Optional.of(Rejection.WRONG_METHOD);
      // A platform asks for the health by an address, and it is nothing to hide.
      case HEALTH -> forwardable(route, version, headers);
      // So may a page of any site that looks for the way in (RFC 9728).
      case METADATA -> otherHost(headers).or(() -> forwardable(route, version, headers));
      case MCP ->
          otherHost(headers)
              .or(() -> foreignPage(headers))
              .or(() -> forwardable(route, version, headers));
    };
  }

  private Optional<Rejection> otherHost(MultiMap headers) {
    return names.names(String.valueOf(headers.get(HttpHeaders.HOST)))
        ? Optional.empty()
        : Optional.of(Rejection.WRONG_HOST);
  }

  private Optional<Rejection> foreignPage(MultiMap headers) {
    return headers.getAll(HttpHeaders.ORIGIN).stream().allMatch(names::mayAsk)
        ? Optional.empty()
        : Optional.of(Rejection.FOREIGN_ORIGIN);
  }

  private Optional<Rejection> forwardable(Route route, HttpVersion version, MultiMap headers) {
    String expect = headers.get(HttpHeaders.EXPECT);
    if (expect != null && !expect.equalsIgnoreCase("100-continue")) {
      return Optional.of(Rejection.EXPECTATION);
    }
    // A stream of events has no length, which HTTP/1.0 cannot say.
    if (route == Route.MCP && version == HttpVersion.HTTP_1_0) {
      return Optional.of(Rejection.OLD_HTTP);
    }
    return bodyBytes(headers) > maxBodyBytes
        ? Optional.of(Rejection.BODY_TOO_LARGE)
        : Optional.empty();
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
