package com.mcpist.edge.gate.auth;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A token in a request's query: it would stand in logs, and go on to an origin. Pure. */
final class QueryToken {
  private static final String NAME = "access_token";

  private QueryToken() {}

  /** Whether a request's target has one, however its name is written. */
  static boolean isIn(String uri) {
    int query = uri.indexOf('?');
    return query >= 0
        && Arrays.stream(uri.substring(query + 1).split("&", -1)).anyMatch(QueryToken::isOne);
  }

  private static boolean isOne(String parameter) {
    String name = parameter.split("=", 2)[0];
    try {
      return URLDecoder.decode(name, StandardCharsets.UTF_8).equalsIgnoreCase(NAME);
    } catch (IllegalArgumentException e) {
      return false; // A percent sign that escapes nothing is in no such name.
    }
  }
}
