package com.mcpist.edge.pool;

/** Something that was seen of one origin, or asked for by an operator. */
public sealed interface Observation {
  String origin();

  default String reason() {
    return switch (this) {
      case ProbeDown seen -> seen.reason();
      case AttemptFailed seen -> seen.reason();
      case HeartbeatSilent seen -> seen.reason();
      case ProbeUp _ -> "probes succeed";
      case AttemptSucceeded _ -> "a call succeeded";
      case HeartbeatResumed _ -> "heartbeat resumed";
      case HeartbeatEnded _ -> "heartbeat connection ended";
      case Replaced _ -> "another process has taken its place";
      case Draining _ -> "it says it is stopping";
      case Drain _ -> "drained";
      case Undrain _ -> "undrained";
    };
  }

  /** GET /health gave the expected code and body. */
  record ProbeUp(String origin) implements Observation {}

  /** GET /health gave anything else, or nothing. */
  record ProbeDown(String origin, String reason) implements Observation {}

  record AttemptSucceeded(String origin) implements Observation {}

  /** A call's attempt was refused, reset, silent, or answered with a 5xx. */
  record AttemptFailed(String origin, String reason) implements Observation {}

  /** The origin's heartbeat stopped, or says that the origin has no database. */
  record HeartbeatSilent(String origin, String reason) implements Observation {}

  record HeartbeatResumed(String origin) implements Observation {}

  /**
   * The connection of the origin's heartbeat ended. The origin may be gone, so it is probed at
   * once.
   */
  record HeartbeatEnded(String origin) implements Observation {}

  /**
   * The origin's process says that it is stopping, and a new connection reaches another process
   * there, which is not stopping, and whose database answers.
   */
  record Replaced(String origin) implements Observation {}

  /** The origin says that it is stopping, and no other process is there in its place. */
  record Draining(String origin) implements Observation {}

  record Drain(String origin) implements Observation {}

  record Undrain(String origin) implements Observation {}
}
