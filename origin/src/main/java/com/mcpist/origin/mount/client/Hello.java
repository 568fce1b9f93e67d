package com.mcpist.origin.mount.client;

import tools.jackson.databind.node.ObjectNode;

/** What a server says of itself: the revision spoken with it, and texts that may be empty. */
public record Hello(
    String revision, ObjectNode capabilities, ObjectNode serverInfo, String instructions) {
  public static final String MODERN = "2026-07-28";

  /** Whether each request says for itself who sends it: no initialize, no session, no ping. */
  public boolean modern() {
    return revision.equals(MODERN);
  }
}
