package com.mcpist.cli.connect;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON-RPC message, or a batch of them, as it came: only what forwarding depends on is read.
 *
 * @param parts of each message its values by their path, of which {@code id}, {@code
 *     params.requestId} and {@code error} are JSON
 */
@SuppressWarnings("ArrayRecordComponent") // Messages are passed on, never compared.
record Message(byte[] json, List<Map<String, String>> parts) {
  static final String VERSION = "params._meta.io.modelcontextprotocol/protocolVersion";
  static final String KEY = "params._meta.com.mcpist/idempotency-key";

  private static final JsonFactory JSON = new JsonFactory();
  private static final Set<String> ENTERED =
      Set.of("params", "params._meta", "result", "error", "error.data");
  private static final Set<String> JSON_VALUES = Set.of("id", "params.requestId");

  /** Throws JacksonException: it is no JSON. */
  static Message of(byte[] json) {
    List<Map<String, String>> parts = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      boolean batch = parser.nextToken() == JsonToken.START_ARRAY;
      if (batch) {
        parser.nextToken();
      }
      while (parser.currentToken() == JsonToken.START_OBJECT) {
        Map<String, String> part = new HashMap<>();
        read(parser, json, "", part);
        parts.add(part);
        parser.nextToken();
      }
      if (parts.isEmpty() || parser.currentToken() != (batch ? JsonToken.END_ARRAY : null)) {
        throw new StreamReadException(parser, "neither an object nor an array of objects");
      }
    }
    return new Message(json, parts);
  }

  private static void read(JsonParser parser, byte[] json, String in, Map<String, String> part) {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = in + parser.currentName();
      JsonToken value = parser.nextToken();
      int start = (int) parser.currentTokenLocation().getByteOffset();
      if (value == JsonToken.START_OBJECT && ENTERED.contains(name)) {
        read(parser, json, name + ".", part);
      } else if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
        boolean quoted = value == JsonToken.VALUE_STRING && JSON_VALUES.contains(name);
        part.put(name, quoted ? quoted(parser.getString()) : parser.getString());
      } else {
        parser.skipChildren();
      }
      if (name.equals("error")) {
        int end = (int) parser.currentLocation().getByteOffset();
        part.put(name, new String(json, start, end - start, StandardCharsets.UTF_8));
      }
    }
  }

  static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
  }

  /** A value of a message that comes alone; empty where there is none. */
  String get(String path) {
    return parts.size() == 1 ? parts.getFirst().getOrDefault(path, "") : "";
  }

  boolean has(String method) {
    return parts.stream().anyMatch(part -> method.equals(part.get("method")));
  }

  /** The ids of its requests. */
  List<String> asked() {
    return ids(parts.stream().filter(part -> part.containsKey("method")));
  }

  /** The ids of its responses. */
  List<String> answered() {
    return ids(parts.stream().filter(part -> !part.containsKey("method")));
  }

  private static List<String> ids(Stream<Map<String, String>> parts) {
    return parts.filter(part -> part.containsKey("id")).map(part -> "" + part.get("id")).toList();
  }

  /** One line: a line feed in JSON is a space but for its looks. */
  byte[] line() {
    byte[] line = Arrays.copyOf(json, json.length + 1);
    for (int i = 0; i < json.length; i++) {
      if (line[i] == '\n' || line[i] == '\r') {
        line[i] = ' ';
      }
    }
    line[json.length] = '\n';
    return line;
  }
}
