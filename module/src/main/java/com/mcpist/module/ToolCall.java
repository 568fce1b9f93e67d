package com.mcpist.module;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call while a tool works on it: the invocation, as this attempt, with its database connection
 * and, for a tool that acts outside, its claim.
 */
public record ToolCall(
    Invocation invocation, Attempt attempt, Supplier<Handle> connection, Claim claim)
    implements Invocation {
  /**
   * Defined as true for the last statement of a tool that reads, it ends the transaction in the
   * same round trip.
   *
   * <p>So does the call's {@link ToolResult} for the last statement of a tool that {@linkplain
   * Tool#withStatementFirst begins with one}. A statement that may find that the result is another
   * one calls ledger_other_result() then: all is undone, and the tool runs again.
   */
  public static final String LAST_STATEMENT = "mcpist_last_statement";

  /** Creates the call of a tool that does not act outside, and so needs no claim. */
  public ToolCall(Invocation invocation, Attempt attempt, Supplier<Handle> connection) {
    this(invocation, attempt, connection, Claim.NOT_NEEDED);
  }

  /**
   * The call's one database connection, in its one transaction: read-only for a tool that reads,
   * the transaction that also records the call for one that writes. Taken from the pool at the
   * first use. Neither commit nor close it.
   *
   * @throws IllegalStateException in a tool that acts outside, which has no transaction of its own
   */
  public Handle database() {
    return connection.get();
  }

  @Override
  public ObjectNode arguments() {
    return invocation.arguments();
  }

  @Override
  public Question.Answers answers() {
    return invocation.answers();
  }

  @Override
  public void progress(double progress, double total, String message) {
    invocation.progress(progress, total, message);
  }

  @Override
  public void log(LogLevel level, String logger, JsonNode data) {
    invocation.log(level, logger, data);
  }

  @Override
  public Optional<Duration> timeLeft() {
    return invocation.timeLeft();
  }

  @Override
  public void started() {
    invocation.started();
  }

  @Override
  public boolean cancelled() {
    return invocation.cancelled();
  }
}
