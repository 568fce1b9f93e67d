package com.mcpist.edge.wire;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/** What the edge's own answers say to a browser that shows them. */
public final class SecurityHeaders {
  private static final CharSequence SNIFFING =
      HttpHeaders.createOptimized("X-Content-Type-Options");
  private static final CharSequence NO_SNIFFING = HttpHeaders.createOptimized("nosniff");
  private static final CharSequence CONTENT =
      HttpHeaders.createOptimized("Content-Security-Policy");
  private static final CharSequence NO_CONTENT =
      HttpHeaders.createOptimized("default-src 'none'; frame-ancestors 'none'");
  private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");

  private SecurityHeaders() {}

  /** Nothing is guessed, run, framed, or, unless the answer says otherwise, kept. */
  public static void put(MultiMap headers) {
    headers.set(SNIFFING, NO_SNIFFING).set(CONTENT, NO_CONTENT);
    if (!headers.contains(HttpHeaders.CACHE_CONTROL)) {
      headers.set(HttpHeaders.CACHE_CONTROL, NO_STORE);
    }
  }
}
