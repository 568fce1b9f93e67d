package com.mcpist.origin.ledger;

import com.mcpist.origin.module.Invocation;
import com.mcpist.origin.module.Invocation.Attempt;
import com.mcpist.origin.module.Question;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** An attempt as the wire would hand it over. */
record TestInvocation(Attempt attempt, ObjectNode arguments) implements Invocation {
  /** The first attempt at a new call of one user. */
  static TestInvocation first() {
    return of(new Attempt.Key("ann", UUID.randomUUID().toString(), 0, false));
  }

  static TestInvocation of(Attempt.Key key) {
    return new TestInvocation(
        new Attempt(key, 1, null), JsonNodeFactory.instance.objectNode().put("text", "hello"));
  }

  Attempt.Key key() {
    return attempt.key();
  }

  /** The same call, at another attempt. */
  TestInvocation attempt(int number) {
    return new TestInvocation(new Attempt(key(), number, attempt.deadline()), arguments);
  }

  TestInvocation deadline(Instant deadline) {
    return new TestInvocation(new Attempt(key(), attempt.number(), deadline), arguments);
  }

  TestInvocation user(String user) {
    return new TestInvocation(
        new Attempt(
            new Attempt.Key(user, key().id(), key().index(), key().fromClient()),
            attempt.number(),
            attempt.deadline()),
        arguments);
  }

  TestInvocation text(String text) {
    return new TestInvocation(attempt, JsonNodeFactory.instance.objectNode().put("text", text));
  }

  @Override
  public Question.Answers answers() {
    ObjectNode none = JsonNodeFactory.instance.objectNode();
    return new Question.Answers(none, none, Set.of());
  }

  @Override
  public void progress(double progress, double total, String message) {}

  @Override
  public void log(Invocation.LogLevel level, String logger, JsonNode data) {}

  @Override
  public boolean cancelled() {
    return false;
  }
}
