package com.mcpist.origin.http;

/** What the listener asks about the origin's health. */
public interface HealthSource {
  /** Checks now. Called on a virtual thread, and may block for its own limit. */
  HealthReport check();

  /** Whether the database has answered within the last second. Does not block. */
  boolean databaseAnswered();
}
