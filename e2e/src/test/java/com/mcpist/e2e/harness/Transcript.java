package com.mcpist.e2e.harness;

import com.mcpist.testkit.HttpMessage;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that a client was sent on one event stream.
 *
 * @param messages the JSON-RPC messages, in order
 * @param comments what was said beside them, which clients pass over
 */
public record Transcript(List<JsonNode> messages, List<String> comments) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Fails when the answer is no whole event stream. */
  public static Transcript of(HttpMessage answer) {
    String type = answer.header("Content-Type").orElse("");
    String text = answer.text();
    if (!type.startsWith("text/event-stream") || !text.endsWith("\n\n")) {
      throw new AssertionError("not a whole event stream: " + answer);
    }
    return new Transcript(
        text.lines()
            .filter(line -> line.startsWith("data:"))
            .map(line -> JSON.readTree(line.substring("data:".length())))
            .toList(),
        text.lines()
            .filter(line -> line.startsWith(":") && line.length() > 1)
            .map(line -> line.substring(1).strip())
            .toList());
  }

  /** The progress that was told, in order. */
  public List<Double> progress() {
    return messages.stream()
        .filter(m -> m.path("method").asString("").equals("notifications/progress"))
        .map(m -> m.path("params").path("progress").asDouble())
        .toList();
  }

  /** The responses; one, if all is well. */
  public List<JsonNode> responses() {
    return messages.stream().filter(m -> m.has("result") || m.has("error")).toList();
  }
}
