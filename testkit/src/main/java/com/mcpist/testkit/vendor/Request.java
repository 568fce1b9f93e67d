package com.mcpist.testkit.vendor;

import com.mcpist.testkit.HttpMessage;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * A request as a vendor's stand-in reads it.
 *
 * @param path without the query
 * @param body missing where there is none; a form's parts by name
 */
record Request(
    String method, String path, Map<String, String> query, JsonNode body, HttpMessage message) {

  static Request of(HttpMessage message) {
    String[] target = message.target().split("\\?", 2);
    Map<String, String> query =
        target.length == 1
            ? Map.of()
            : Arrays.stream(target[1].split("&", -1))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> decode(pair[0]), pair -> decode(pair[1])));
    JsonNode body =
        message.body().length == 0
            ? MissingNode.getInstance()
            : Forms.isForm(message)
                ? Forms.read(message)
                : JsonMapper.shared().readTree(message.body());
    return new Request(message.method(), target[0], query, body, message);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** The part of the path after so many slashes, or nothing. */
  String part(int index) {
    String[] parts = path.split("/", -1);
    return index < parts.length ? parts[index] : "";
  }

  /** Without its parameters; empty where it does not say. */
  String mediaType() {
    return header("Content-Type").replaceFirst(" *;.*", "");
  }

  String header(String name) {
    return message.header(name).orElse("");
  }

  boolean is(String wantedMethod, String pathPattern) {
    return method.equals(wantedMethod) && path.matches(pathPattern);
  }
}
