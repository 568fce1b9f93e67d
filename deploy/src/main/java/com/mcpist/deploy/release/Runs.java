package com.mcpist.deploy.release;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** What several commands of one run, a workflow's say, have in common. */
final class Runs {
  private Runs() {}

  /** The token of their lock. */
  static UUID lock(String run) {
    return id("lock", run);
  }

  /** Their release's record. */
  static UUID release(String run) {
    return id("release", run);
  }

  private static UUID id(String what, String run) {
    return UUID.nameUUIDFromBytes((what + ":" + run).getBytes(StandardCharsets.UTF_8));
  }
}
