package com.mcpist.origin.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The media types that a client takes, of the two that there are.
 *
 * @param json application/json
 * @param stream text/event-stream
 */
record Accepts(boolean json, boolean stream) {
  /** Reads an Accept header; none means anything. */
  static Accepts of(@Nullable String header) {
    if (header == null || header.isBlank()) {
      return new Accepts(true, true);
    }
    boolean json = false;
    boolean stream = false;
    for (String range : header.split(",", -1)) {
      String type = range.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
      json |= type.equals("*/*") || type.equals("application/*") || type.equals("application/json");
      stream |= type.equals("*/*") || type.equals("text/*") || type.equals(EventStream.MEDIA_TYPE);
    }
    return new Accepts(json, stream);
  }

  boolean none() {
    return !json && !stream;
  }
}
