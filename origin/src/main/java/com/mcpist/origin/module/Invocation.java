package com.mcpist.origin.module;

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
}
