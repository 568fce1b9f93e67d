package com.mcpist.edge.wire;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides which headers pass an edge, and which it sets on its own answers. The results depend on
 * the arguments alone.
 */
public final class HeaderHygiene {
  /**
   * The headers meant for one connection only (RFC 9110, 7.6.1), and the body's length, which is
   * set anew.
   */
  private static final String HOP_BY_HOP =
      """
      connection keep-alive proxy-connection proxy-authenticate proxy-authentication-info
      proxy-authorization te trailer transfer-encoding upgrade http2-settings content-length
      """;

  /**
   * The headers that belong to MCPist alone, which neither a client nor an origin can send through
   * the edge. An origin believes the headers of the first line because an edge sends them. An edge
   * believes the headers of the second line because an origin sends them. A test compares the list
   * with contract/headers.json, the list of both edges.
   */
  private static final String OWN =
      """
      x-gateway-secret x-call-id x-attempt x-deadline x-user-id x-undelivered
      x-ledger x-not-run x-event-outcome
      x-served-by x-attempts
      """;

  /**
   * The headers of a client that no origin gets. Besides MCPist's own these are what the edge has
   * judged itself (the name by which it was asked, and whose page asked), and the encodings that
   * the client accepts: the edge could not continue an encoded answer with another origin's.
   */
  private static final Set<String> NOT_TO_ORIGIN =
      names(
          HOP_BY_HOP,
          OWN,
          """
          host origin expect accept-encoding forwarded via x-real-ip x-client-ip true-client-ip
          x-original-url x-rewrite-url x-original-host x-http-method-override
          """);

  private static final Set<String> NOT_TO_CLIENT =
      names(HOP_BY_HOP, OWN, "server via alt-svc x-powered-by");

  private static final String FORWARDED_PREFIX = "x-forwarded-";

  private static final CharSequence SNIFFING =
      HttpHeaders.createOptimized("X-Content-Type-Options");
  private static final CharSequence NO_SNIFFING = HttpHeaders.createOptimized("nosniff");
  private static final CharSequence CONTENT =
      HttpHeaders.createOptimized("Content-Security-Policy");
  private static final CharSequence NO_CONTENT =
      HttpHeaders.createOptimized("default-src 'none'; frame-ancestors 'none'");
  private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");

  private HeaderHygiene() {}

  private static Set<String> names(String... lists) {
    return Set.of(String.join(" ", lists).strip().split("\\s+"));
  }

  public static void toOrigin(MultiMap from, MultiMap to) {
    copy(from, to, NOT_TO_ORIGIN);
  }

  public static void toClient(MultiMap from, MultiMap to) {
    copy(from, to, NOT_TO_CLIENT);
  }

  private static void copy(MultiMap from, MultiMap to, Set<String> dropped) {
    Set<String> nominated = nominated(from);
    for (Map.Entry<String, String> header : from) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!dropped.contains(name)
          && !name.startsWith(FORWARDED_PREFIX)
          && !nominated.contains(name)) {
        to.add(header.getKey(), header.getValue());
      }
    }
  }

  /** Returns the headers that Connection names as meant for this connection only. */
  private static Set<String> nominated(MultiMap headers) {
    Set<String> names = Set.of();
    for (String value : headers.getAll(HttpHeaders.CONNECTION)) {
      if (!value.equalsIgnoreCase("keep-alive") && !value.equalsIgnoreCase("close")) {
        names = names.isEmpty() ? new TreeSet<>() : names;
        for (String name : value.split(",", -1)) {
          names.add(name.strip().toLowerCase(Locale.ROOT));
        }
      }
    }
    return names;
  }

  /**
   * Sets the headers by which a browser that shows an answer of the edge's own guesses nothing in
   * it, runs nothing, frames nothing and, unless the answer says otherwise, keeps nothing.
   */
  public static void putSecurity(MultiMap headers) {
    headers.set(SNIFFING, NO_SNIFFING).set(CONTENT, NO_CONTENT);
    if (!headers.contains(HttpHeaders.CACHE_CONTROL)) {
      headers.set(HttpHeaders.CACHE_CONTROL, NO_STORE);
    }
  }
}
