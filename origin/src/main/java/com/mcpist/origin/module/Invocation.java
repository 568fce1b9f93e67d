package com.mcpist.origin.module;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A request to run a tool, as the wire knows it: the call without its database. */
public interface Invocation {
  /** Who asks, which call this is, and which attempt at it. */
  Attempt attempt();

  /** The arguments, already valid by the tool's input schema. */
  ObjectNode arguments();

  /** What the client has answered to what the tool asked before. */
  Question.Answers answers();

  /**
   * Tells the client how far the work is, where the client asked to be told; else does nothing.
   * Progress increases each time; total is 0 where it is not known; the message is short, or empty.
   */
  void progress(double progress, double total, String message);

  /**
   * Tells the client something about the work, text or any JSON and never a secret, where the
   * client asked for messages of that level; else does nothing. The logger is a part of the module.
   */
  void log(LogLevel level, String logger, JsonNode data);

  /** How long it is until the attempt's deadline; empty where there is none. */
  default Optional<Duration> timeLeft() {
    return Optional.ofNullable(attempt().deadline())
        .map(deadline -> Duration.between(Instant.now(), deadline));
  }

  /** Says that the call has what it needs to run, so that the answer may begin before it ends. */
  default void started() {}

  /** Whether the client has given up, or the attempt's deadline has passed: stop if you can. */
  boolean cancelled();

  /** How much a log message for the client matters, from least to most, as in syslog. */
  enum LogLevel {
    DEBUG,
    INFO,
    NOTICE,
    WARNING,
    ERROR,
    CRITICAL,
    ALERT,
    EMERGENCY;
  }

  /**
   * One attempt at a call, whose key all attempts share. The number is 1 for the first, as the edge
   * counts; after the deadline it may have no effect, null where the edge sets none.
   */
  record Attempt(Key key, int number, @Nullable Instant deadline) {
    /**
     * What makes two attempts the same call: the user that the edge has authenticated, {@code
     * local} where nobody is; the client's Idempotency-Key, or else the call id minted by the edge;
     * the position in a batch, 0 outside one.
     */
    public record Key(String user, String id, int index, boolean fromClient) {}
  }
}
