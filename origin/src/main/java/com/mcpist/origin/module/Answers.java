package com.mcpist.origin.module;

import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the client has answered to the {@link InputRequired} of the round before.
 *
 * @param byKey MCP's results by the questions' keys; empty at the first round
 * @param state what the round before asked to remember, unchanged; empty at the first round
 * @param answerable the kinds of question that this client can answer
 */
public record Answers(ObjectNode byKey, ObjectNode state, Set<Question.Kind> answerable) {
  /** MCP's result for the question of this key, if there is one. */
  public Optional<ObjectNode> to(String key) {
    return byKey.get(key) instanceof ObjectNode answer ? Optional.of(answer) : Optional.empty();
  }
}
