package com.mcpist.origin.http;

import tools.jackson.databind.node.ObjectNode;

/** What the listener asks about the origin's health. */
public interface HealthSource {
  /** Checks now. Called on a virtual thread, and may block for its own limit. */
  Report check();

  /** Whether the database has answered within the last second. Does not block. */
  boolean databaseAnswered();

  /** Whether calls should come here, and what only those with the gateway secret are told. */
  record Report(boolean healthy, ObjectNode details) {}
}
