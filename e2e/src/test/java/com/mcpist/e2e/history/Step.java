package com.mcpist.e2e.history;

import java.util.List;

/** One thing that a script does, and how it is told in a timeline: as the record's text. */
sealed interface Step {

  /** What makes a client stop waiting for an answer. */
  enum Manner {
    /** It waits for the answer. */
    WAITS,
    /** It closes its connection while the server is at the call. */
    LEAVES,
    /** It resets its connection while the server is at the call. */
    RESETS
  }

  /** How an edge's or a database's link fails. */
  enum Cut {
    /** Nothing passes, and nobody is told. */
    SILENT,
    /** The same, and the connections that are open are reset first. */
    RESET
  }

  /** The tools that an origin's release has. */
  enum Release {
    /** All mounted servers. */
    NEWEST,
    /** All but the quick one. */
    OLDER,
    /** Only the slow one. */
    SLOW_ALONE
  }

  /**
   * A client sends a call.
   *
   * @param revision of MCP
   * @param awhileMillis how long a client that leaves waits after the server has the call
   */
  record Send(Call call, Manner manner, String revision, int awhileMillis) implements Step {}

  /** A client sends a call twice at the same time, under the client's own key. */
  record SendTwice(Call call, String revision) implements Step {}

  /** SIGKILL; the origin starts again after a while. */
  record Kill(String origin, int restartMillis) implements Step {}

  /** SIGSTOP. */
  record Hang(String origin) implements Step {}

  /** SIGCONT. */
  record Wake(String origin) implements Step {}

  /** The link between both edges and an origin is cut. */
  record CutFromEdges(String origin, Cut cut) implements Step {}

  /** The link between both edges and an origin is mended. */
  record MendFromEdges(String origin) implements Step {}

  /** The link between an origin and the database is cut. */
  record CutFromDatabase(String origin, Cut cut) implements Step {}

  /** The link between an origin and the database is mended. */
  record MendFromDatabase(String origin) implements Step {}

  /** An operator takes an origin out of both edges. */
  record Drain(String origin) implements Step {}

  /** An operator puts an origin back into both edges. */
  record Undrain(String origin) implements Step {}

  /** An origin is replaced by one of another release. */
  record Deploy(String origin, Release release) implements Step {}

  /** An origin's copy of a mounted program ends. */
  record EndProgram(String mount, String origin) implements Step {}

  /** From now on {@code initialize} of a mounted server takes so long. */
  record Slow(String mount, int millis) implements Step {}

  /**
   * The wall clock of a program jumps to so many seconds ahead of the database's; less than zero is
   * behind, and zero is right.
   */
  record SetClock(String program, int secondsAhead) implements Step {}

  /** The edge is killed and started again. */
  record KillEdge() implements Step {}

  /** Somebody else's transaction locks a user's memories. */
  record LockMemories(int user) implements Step {}

  /** That transaction ends. */
  record UnlockMemories() implements Step {}

  /** Waits until sessions of the origins wait for that transaction. */
  record AwaitLocked(int sessions, int mostMillis) implements Step {}

  /** Waits until all of these marks are set, or the time has passed. */
  record Await(List<String> marks, int mostMillis) implements Step {}

  /** Waits until each edge has all origins healthy that are not drained, and prefers the first. */
  record AwaitWell(int mostMillis) implements Step {}

  /** Waits. */
  record Pause(int millis) implements Step {}

  /** Sets a mark. */
  record Mark(String mark) implements Step {}
}
