package com.mcpist.origin.ledger;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import com.mcpist.module.Invocation;
import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Question;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** An attempt as the wire would hand it over. */
record TestInvocation(Attempt attempt, ObjectNode arguments) implements Invocation {
  private static final TimeBasedEpochGenerator IDS = Generators.timeBasedEpochGenerator();

  /** The first attempt at a new call of one user. */
  static TestInvocation first() {
    return of(new Attempt.Key("ann", IDS.generate().toString(), 0, false));
  }

  /** The same, with an id of so long ago. */
  static TestInvocation first(Duration ago) {
    UUID id = IDS.generate();
    long bits = id.getMostSignificantBits() - (ago.toMillis() << 16);
    String old = new UUID(bits, id.getLeastSignificantBits()).toString();
    return of(new Attempt.Key("ann", old, 0, false));
  }

  static TestInvocation of(Attempt.Key key) {
    return new TestInvocation(
        new Attempt(key, 1, null), JsonNodeFactory.instance.objectNode().put("text", "hello"));
  }

  Attempt.Key key() {
    return attempt.key();
  }

  /** The same sending, at another attempt. */
  TestInvocation attempt(int number) {
    Attempt.Sending sending = attempt.sending();
    return with(key(), new Attempt.Sending(sending.callId(), sending.index(), number));
  }

  /** The first attempt at a further sending of the call, which the client names by our key. */
  TestInvocation sentAgain() {
    return with(key(), first().attempt.sending());
  }

  /** The first attempt at a new call that is the same. */
  TestInvocation likewise() {
    String id = IDS.generate().toString();
    return with(
        new Attempt.Key(key().user(), id, key().index(), false),
        new Attempt.Sending(id, key().index(), 1));
  }

  /** At another place of a batch. */
  TestInvocation at(int index) {
    return with(
        new Attempt.Key(key().user(), key().id(), index, key().fromClient()),
        new Attempt.Sending(attempt.sending().callId(), index, attempt.sending().attempt()));
  }

  TestInvocation deadline(Instant deadline) {
    return new TestInvocation(new Attempt(key(), attempt.sending(), deadline), arguments);
  }

  TestInvocation user(String user) {
    return with(
        new Attempt.Key(user, key().id(), key().index(), key().fromClient()), attempt.sending());
  }

  private TestInvocation with(Attempt.Key key, Attempt.Sending sending) {
    return new TestInvocation(new Attempt(key, sending, attempt.deadline()), arguments);
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
