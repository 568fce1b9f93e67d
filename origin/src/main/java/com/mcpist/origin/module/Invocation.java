package com.mcpist.origin.module;

import java.time.Instant;
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
   *
   * @param progress increases with every report
   * @param total 0 where it is not known
   * @param message a short sentence, may be empty
   */
  void progress(double progress, double total, String message);

  /**
   * Tells the client something about the work, where the client asked for messages of that level;
   * else does nothing. Never a secret.
   *
   * @param logger the part of the module that speaks
   * @param data text, or any JSON
   */
  void log(LogLevel level, String logger, JsonNode data);

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
   * One attempt at a call.
   *
   * @param key what the attempts of one call share
   * @param number 1 for the first, as the edge counts
   * @param deadline after which this attempt may have no effect; null where the edge sets none
   */
  record Attempt(Key key, int number, @Nullable Instant deadline) {

    /**
     * What makes two attempts the same call.
     *
     * @param user the user the edge has authenticated, {@code local} where nobody is
     * @param id the client's Idempotency-Key, or else the call id minted by the edge
     * @param index the position in a batch, 0 outside one
     * @param fromClient whether {@code id} is the client's own
     */
    public record Key(String user, String id, int index, boolean fromClient) {}
  }
}
