package com.mcpist.e2e.history;

/**
 * A tool that clients of a history call.
 *
 * @param mount the mounted server that has it; empty for a tool of MCPist's own
 * @param name as the server lists it
 */
record Target(String mount, String name, Effect effect) {

  /** What a call of a tool does. */
  enum Effect {
    /** It changes nothing. */
    READS,
    /** It changes the database in one transaction. */
    WRITES,
    /** It acts outside, and may act again. */
    IDEMPOTENT,
    /** It acts outside, once. */
    ONCE
  }

  /** A mounted program that starts at once. */
  static final String QUICK = "quick";

  /** A mounted program whose start takes as long as a schedule says. */
  static final String SLOW = "slow";

  /** A mounted server over HTTP. */
  static final String WEB = "web";

  static final Target SAVE = new Target("", "memory_save", Effect.WRITES);
  static final Target DELETE = new Target("", "memory_delete", Effect.WRITES);
  static final Target SEARCH = new Target("", "memory_search", Effect.READS);

  /** A mounted server's tool that changes nothing. */
  static Target look(String mount) {
    return new Target(mount, "look", Effect.READS);
  }

  /** A mounted server's tool that sets the user's register to a version. */
  static Target set(String mount) {
    return new Target(mount, "set", Effect.IDEMPOTENT);
  }

  /** A mounted server's tool without annotations. */
  static Target act(String mount) {
    return new Target(mount, "act", Effect.ONCE);
  }

  boolean mounted() {
    return !mount.isEmpty();
  }

  /** As clients call it. */
  String offered() {
    return mounted() ? mount + "_" + name : name;
  }

  /** Whether two effects of one call are one too many. */
  boolean onlyOnce() {
    return effect == Effect.WRITES || effect == Effect.ONCE;
  }
}
