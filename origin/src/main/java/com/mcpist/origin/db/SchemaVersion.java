package com.mcpist.origin.db;

/**
 * How far a database's schema is.
 *
 * @param version the newest migration that it has had, 0 before the first
 * @param oldestUsable the oldest version that a release must know to work with it
 */
record SchemaVersion(int version, int oldestUsable) {
  static final SchemaVersion NONE = new SchemaVersion(0, 0);

  /** Whether a release that knows migrations up to {@code known} has nothing to do. */
  boolean upToDateFor(int known) {
    return version >= known;
  }

  /** Whether a release that knows migrations up to {@code known} may use it. */
  boolean usableBy(int known) {
    return oldestUsable <= known;
  }
}
