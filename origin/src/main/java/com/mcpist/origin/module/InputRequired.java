package com.mcpist.origin.module;

import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Ends an attempt because the client must answer something first. The client sends the same request
 * again with its answers, to any origin, and the work starts from its beginning with {@link
 * Invocation#answers()}. So ask before anything is changed: what the attempt did to the database is
 * rolled back, and the call is not done. Earlier attempts at it, which may hang, do not do it
 * either where the edge made its key.
 */
public final class InputRequired extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, Question> questions;
  private final transient ObjectNode state;

  /** Asks with nothing to remember until the answers come. */
  public InputRequired(Map<String, Question> questions) {
    this(questions, JsonNodeFactory.instance.objectNode());
  }

  /**
   * Asks.
   *
   * @param questions by keys of the tool's choice, under which the answers come back
   * @param state what to remember; the client keeps it, can read it, and cannot change it
   */
  public InputRequired(Map<String, Question> questions, ObjectNode state) {
    super("Input required", null, false, false);
    this.questions = Map.copyOf(questions);
    this.state = state;
  }

  /** The questions by their keys. */
  public Map<String, Question> questions() {
    return questions;
  }

  /** What to remember until the answers come. */
  public ObjectNode state() {
    return state;
  }
}
