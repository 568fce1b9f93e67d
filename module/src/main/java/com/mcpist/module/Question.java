package com.mcpist.module;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Something that only the client can answer, with the parameters of MCP's request of that kind. */
public record Question(Kind kind, ObjectNode params) {
  /** A client's ability to answer, named as MCP's capability, and the request that asks for it. */
  public enum Kind {
    /** A person fills in a form. */
    ELICITATION("elicitation/create"),
    /** A person opens an address; the answer says whether they agreed to. */
    URL_ELICITATION("elicitation/create"),
    /** The client's model writes a message. */
    SAMPLING("sampling/createMessage"),
    /** The client names the folders it works in. */
    ROOTS("roots/list");

    private final String method;

    Kind(String method) {
      this.method = method;
    }

    public String method() {
      return method;
    }

    /** The kind of question that MCP's request of this method is, if it is one. */
    public static Optional<Kind> of(String method, ObjectNode params) {
      boolean url = params.path("mode").asString("").equals("url");
      return Arrays.stream(values())
          .filter(k -> k.method.equals(method) && (k != ELICITATION || !url))
          .findFirst();
    }
  }

  /** The question that MCP's InputRequest object is, if it is one. */
  public static Optional<Question> of(JsonNode request) {
    ObjectNode params =
        request.get("params") instanceof ObjectNode given
            ? given
            : JsonNodeFactory.instance.objectNode();
    return Kind.of(request.path("method").asString(""), params)
        .map(kind -> new Question(kind, params));
  }

  /**
   * Asks a person to fill in a form, a JSON Schema object of primitive properties, by which to
   * check the answer; the message says what is asked, and why.
   */
  public static Question form(String message, ObjectNode schema) {
    ObjectNode params = JsonNodeFactory.instance.objectNode().put("mode", "form");
    params.put("message", message).set("requestedSchema", schema);
    return new Question(Kind.ELICITATION, params);
  }

  /** Asks the client's model by MCP's SamplingMessage objects, for so many tokens at most. */
  public static Question model(ArrayNode messages, int maxTokens) {
    ObjectNode params = JsonNodeFactory.instance.objectNode();
    params.set("messages", messages);
    return new Question(Kind.SAMPLING, params.put("maxTokens", maxTokens));
  }

  /** Asks which folders the client works in. */
  public static Question folders() {
    return new Question(Kind.ROOTS, JsonNodeFactory.instance.objectNode());
  }

  /**
   * What the client has answered to the {@link InputRequired} of the round before: MCP's results by
   * the questions' keys, and what that round asked to remember, both empty at the first; and what
   * kinds of question this client can answer.
   */
  public record Answers(ObjectNode byKey, ObjectNode state, Set<Kind> answerable) {
    /** MCP's result for the question of this key, if there is one. */
    public Optional<ObjectNode> to(String key) {
      return byKey.get(key) instanceof ObjectNode answer ? Optional.of(answer) : Optional.empty();
    }
  }

  /**
   * Ends an attempt because the client must answer something first. The client sends the same
   * request again with its answers, to any origin, and the work starts from its beginning with
   * {@link Invocation#answers()}. So ask before anything is changed: what the attempt did to the
   * database is rolled back, and the call is not done. Earlier attempts at it, which may hang, do
   * not do it either where the edge made its key.
   */
  public static final class InputRequired extends Exception {
    private static final long serialVersionUID = 1L;

    /** In a state: what waits for the answer, in the process that asked, and goes on with it. */
    public static final String WAITS = "waits";

    private final transient Map<String, Question> questions;
    private final transient ObjectNode state;

    /** With nothing to remember until the answers come. */
    public InputRequired(Map<String, Question> questions) {
      this(questions, JsonNodeFactory.instance.objectNode());
    }

    /**
     * The keys are the tool's choice, and the answers come back under them; the client keeps the
     * state, can read it, and cannot change it.
     */
    public InputRequired(Map<String, Question> questions, ObjectNode state) {
      super("Input required", null, false, false);
      this.questions = Map.copyOf(questions);
      this.state = state;
    }

    public Map<String, Question> questions() {
      return questions;
    }

    /** The questions as MCP's InputRequests object. */
    public ObjectNode requests() {
      ObjectNode requests = JsonNodeFactory.instance.objectNode();
      questions.forEach(
          (key, question) ->
              requests
                  .putObject(key)
                  .put("method", question.kind().method())
                  .set("params", question.params()));
      return requests;
    }

    public ObjectNode state() {
      return state;
    }
  }
}
