package com.mcpist.deploy.verify;

import module java.base;

import tools.jackson.databind.JsonNode;

/** What an origin's /health or an edge's status says that a person should hear of. */
public final class Problems {
  private static final long SKEW_MILLIS = 5_000;

  private Problems() {}

  /** A line each, without control characters: some of it is what a client sent. */
  public static List<String> of(JsonNode told) {
    List<String> found = new ArrayList<>();
    told.path("problems").forEach(one -> found.add(one.asString("")));
    if (told.path("database").asString("").equals("read-only")) {
      found.add("its database is read-only");
    }
    long skew = told.path("clockSkewMillis").asLong(0);
    if (Math.abs(skew) > SKEW_MILLIS) {
      found.add(
          "its clock is %d s %s the database's"
              .formatted(Math.abs(skew) / 1000, skew > 0 ? "ahead of" : "behind"));
    }
    for (JsonNode call : told.path("quarantined")) {
      found.add(
          "call %s (tool %s, user %s, %d bytes) is not sent again, two processes died under it, %s"
              .formatted(
                  call.path("callId").asString(""),
                  call.path("tool").asString("unknown"),
                  call.path("user").asString("unknown"),
                  call.path("bytes").asLong(0),
                  call.path("at").asString("")));
    }
    found.replaceAll(line -> line.replaceAll("\\p{Cntrl}", "?"));
    return List.copyOf(found);
  }
}
