package com.mcpist.deploy.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** What a vendor's error says, in whichever of the usual shapes it comes. */
final class ErrorText {
  private static final int LONGEST = 300;

  private ErrorText() {}

  /**
   * The sentence in an error's body.
   *
   * @param json missing when the body is no JSON
   * @param text the body as it came
   * @return empty when there is none
   */
  static String of(JsonNode json, String text) {
    List<String> parts = new ArrayList<>();
    add(parts, json.path("message"));
    add(parts, json.path("error"));
    add(parts, json.path("error").path("message"));
    json.path("errors").forEach(error -> add(parts, error.path("message"), error.path("code")));
    json.path("fields")
        .forEach(
            field ->
                parts.add(
                    field.path("field").asString("")
                        + " "
                        + field.path("description").asString("")));
    String said = parts.isEmpty() ? (json.isMissingNode() ? firstLine(text) : "") : join(parts);
    return said.length() > LONGEST ? said.substring(0, LONGEST) + "…" : said;
  }

  /** The numbers that a vendor gives its errors; none where it gives none. */
  static Set<Integer> codes(JsonNode json) {
    Set<Integer> codes = new TreeSet<>();
    for (JsonNode error : json.path("errors")) {
      if (error.path("code").isInt()) {
        codes.add(error.path("code").asInt());
      }
    }
    return codes;
  }

  private static void add(List<String> parts, JsonNode node) {
    add(parts, node, MissingNode.getInstance());
  }

  private static void add(List<String> parts, JsonNode node, JsonNode code) {
    if (node.isString() && !node.asString().isBlank() && !parts.contains(node.asString())) {
      parts.add(node.asString().strip() + (code.isInt() ? " (" + code.asInt() + ")" : ""));
    }
  }

  private static String join(List<String> parts) {
    return String.join("; ", parts).replaceAll("\\s+", " ");
  }

  /** A page of HTML is nobody's message. */
  private static String firstLine(String text) {
    return text.lines().findFirst().filter(line -> !line.startsWith("<")).orElse("").strip();
  }
}
