package com.mcpist.origin.mcp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A fuzz input as a request: lines of {@code name: value}, an empty line, and the body.
 *
 * @param headers values by names in lower case
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record HeadedBody(Map<String, String> headers, byte[] body) {
  public static HeadedBody of(byte[] input) {
    String text = new String(input, StandardCharsets.ISO_8859_1);
    int end = text.startsWith("\n") ? 0 : text.indexOf("\n\n");
    if (end < 0) {
      return new HeadedBody(Map.of(), input);
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line : text.substring(0, end).split("\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    int begin = text.startsWith("\n") ? 1 : end + 2;
    return new HeadedBody(headers, Arrays.copyOfRange(input, begin, input.length));
  }

  public @Nullable String get(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }
}
