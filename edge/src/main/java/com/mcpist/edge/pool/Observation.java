package com.mcpist.edge.pool;

/** Something that was seen of one origin, or asked for by an operator. */
public sealed interface Observation {
  /** The origin's name. */
  String origin();

  /** What is said of it in a log line. */
  String reason();

  /** GET /health gave the expected code and body. */
  record ProbeUp(String origin) implements Observation {
    @Override
    public String reason() {
      return "probes succeed";
    }
  }

  /** GET /health gave anything else, or nothing. */
  record ProbeDown(String origin, String reason) implements Observation {}

  /** A call's attempt got a whole answer. */
  record AttemptSucceeded(String origin) implements Observation {
    @Override
    public String reason() {
      return "a call succeeded";
    }
  }

  /** A call's attempt was refused, reset, silent, or answered with a 5xx. */
  record AttemptFailed(String origin, String reason) implements Observation {}

  /** Its heartbeat stopped, or says that it has no database. */
  record HeartbeatSilent(String origin, String reason) implements Observation {}

  /** Its heartbeat is there again, and well. */
  record HeartbeatResumed(String origin) implements Observation {
    @Override
    public String reason() {
      return "heartbeat resumed";
    }
  }

  /** The connection of its heartbeat ended: it may be gone, so it is probed at once. */
  record HeartbeatEnded(String origin) implements Observation {
    @Override
    public String reason() {
      return "heartbeat connection ended";
    }
  }

  /**
   * The origin's process says that it is stopping, and a new connection reaches another one there,
   * which is not, and whose database answers.
   */
  record Replaced(String origin) implements Observation {
    @Override
    public String reason() {
      return "another process has taken its place";
    }
  }

  /** The origin says that it is stopping, and no other process is there in its place. */
  record Draining(String origin) implements Observation {
    @Override
    public String reason() {
      return "it says it is stopping";
    }
  }

  /** An operator takes the origin out. */
  record Drain(String origin) implements Observation {
    @Override
    public String reason() {
      return "drained";
    }
  }

  /** An operator takes the origin back in. */
  record Undrain(String origin) implements Observation {
    @Override
    public String reason() {
      return "undrained";
    }
  }
}
