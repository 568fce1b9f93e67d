package com.mcpist.origin.admin;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A deployment or a rollback, as it is recorded.
 *
 * @param started by the database's clock, as {@code finished}
 * @param finished null: it is running
 */
record Release(UUID id, Report report, Instant started, @Nullable Instant finished) {
  /** The state in which it is not finished. */
  static final String RUNNING = "running";

  /**
   * What the one who deploys says of it.
   *
   * @param action deploy or rollback
   * @param image as a reference
   * @param digest of the image, as {@code sha256:…}
   * @param release the release's name
   * @param strategy in which order the origins get it
   * @param who deploys
   * @param state running, succeeded, failed or returned
   * @param detail for people
   * @param origins objects of name, state, before, detail
   */
  record Report(
      String action,
      String image,
      String digest,
      String release,
      String strategy,
      String who,
      String state,
      String detail,
      ArrayNode origins) {}

  ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id.toString())
        .put("action", report.action())
        .put("image", report.image())
        .put("digest", report.digest())
        .put("release", report.release())
        .put("strategy", report.strategy())
        .put("who", report.who())
        .put("state", report.state())
        .put("detail", report.detail())
        .put("started", started.toString())
        .put("finished", finished == null ? null : finished.toString())
        .set("origins", report.origins());
  }
}
