package com.mcpist.module;

import com.mcpist.module.Question.InputRequired;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a tool gives back, as the ledger keeps it and the client gets it: MCP's CallToolResult.
 * Structured content is valid by the tool's output schema. What another server answered instead is
 * an object of its own: {@link #failed}, {@link #asks}.
 */
public record ToolResult(ObjectNode json) {
  private static final String CONTENT = "content";
  private static final String ERROR = "error";
  private static final String QUESTIONS = "inputRequests";
  private static final String STATE = "state";

  /** Structured content, with the same as text for clients that read only that. */
  public static ToolResult of(ObjectNode structured, String text) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray(CONTENT).add(textBlock(text));
    json.set("structuredContent", structured);
    return new ToolResult(json.put("isError", false));
  }

  /** MCP's content blocks. */
  public static ToolResult of(ObjectNode... content) {
    return of(false, content);
  }

  public static ToolResult text(String text) {
    return of(false, textBlock(text));
  }

  /** An error that the client's model should see, with what to do about it. */
  public static ToolResult error(String message) {
    return of(true, textBlock(message));
  }

  /** The JSON-RPC error that another server answered the call with. */
  public static ToolResult failed(int code, String message, @Nullable JsonNode data) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ObjectNode error = json.putObject(ERROR).put("code", code).put("message", message);
    if (data != null) {
      error.set("data", data);
    }
    return new ToolResult(json);
  }

  /**
   * Questions of work that waits for the answers, and may have acted before it asked: every attempt
   * at this round asks the same, and none runs it again.
   */
  public static ToolResult asks(InputRequired asked) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set(QUESTIONS, asked.requests());
    json.set(STATE, asked.state());
    return new ToolResult(json);
  }

  private static ToolResult of(boolean isError, ObjectNode... content) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray(CONTENT).addAll(List.of(content));
    return new ToolResult(json.put("isError", isError));
  }

  public List<ObjectNode> content() {
    return json.path(CONTENT).valueStream().map(ObjectNode.class::cast).toList();
  }

  /** Null where it has none, or none that is an object. */
  public @Nullable ObjectNode structured() {
    return json.get("structuredContent") instanceof ObjectNode structured ? structured : null;
  }

  /** Whether the tool failed in a way that the client's model should see. */
  public boolean isError() {
    return json.path("isError").asBoolean(false);
  }

  /** The error of {@link #failed}. */
  public Optional<ObjectNode> failure() {
    return !json.has(CONTENT) && json.get(ERROR) instanceof ObjectNode error
        ? Optional.of(error)
        : Optional.empty();
  }

  /** The questions of {@link #asks}. */
  public Optional<InputRequired> asked() {
    if (json.has(CONTENT) || !(json.get(QUESTIONS) instanceof ObjectNode requests)) {
      return Optional.empty();
    }
    Map<String, Question> questions = new LinkedHashMap<>();
    requests
        .properties()
        .forEach(
            entry ->
                Question.of(entry.getValue()).ifPresent(q -> questions.put(entry.getKey(), q)));
    return Optional.of(
        json.get(STATE) instanceof ObjectNode state
            ? new InputRequired(questions, state)
            : new InputRequired(questions));
  }

  private static ObjectNode textBlock(String text) {
    return JsonNodeFactory.instance.objectNode().put("type", "text").put("text", text);
  }
}
