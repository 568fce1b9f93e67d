package com.mcpist.deploy.admin;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One deployment, as it is kept.
 *
 * @param action what was done
 * @param image what was deployed, by digest
 * @param release as people call it
 * @param strategy how it was brought out
 * @param who did it
 * @param detail why it failed; else empty
 * @param started by the database's clock; empty before it is kept
 * @param finished empty while it runs
 */
public record ReleaseRecord(
    UUID id,
    Action action,
    String image,
    String digest,
    String release,
    String strategy,
    String who,
    State state,
    String detail,
    List<Part> origins,
    Optional<Instant> started,
    Optional<Instant> finished) {

  private static final String BROKEN_OFF = "it broke off: whoever deployed ended without a word";

  public enum Action {
    DEPLOY,
    ROLLBACK
  }

  public enum State {
    RUNNING,
    SUCCEEDED,
    /** It failed, and not all origins have the release that they had. */
    FAILED,
    /** It failed, and every origin has the release again that it had. */
    RETURNED
  }

  /**
   * One origin's part.
   *
   * @param state in a word
   * @param before the digest that it had; empty when that is not known
   */
  public record Part(String name, String state, String before, String detail) {}

  /** As given. */
  public ReleaseRecord {
    origins = List.copyOf(origins);
  }

  public ReleaseRecord with(State now, String why, List<Part> parts) {
    return new ReleaseRecord(
        id, action, image, digest, release, strategy, who, now, why, parts, started, finished);
  }

  /**
   * The same, where nobody has the lock under which it ran: what calls itself running has failed
   * then.
   */
  public ReleaseRecord withoutDeployer() {
    return state == State.RUNNING ? with(State.FAILED, BROKEN_OFF, origins) : this;
  }

  ObjectNode json(UUID lock) {
    ObjectNode json =
        JsonMapper.shared()
            .createObjectNode()
            .put("lock", lock.toString())
            .put("action", word(action))
            .put("image", image)
            .put("digest", digest)
            .put("release", AdminPath.name(release))
            .put("strategy", AdminPath.name(strategy))
            .put("who", AdminPath.name(who))
            .put("state", word(state))
            .put("detail", AdminPath.text(detail));
    ArrayNode parts = json.putArray("origins");
    for (Part part : origins) {
      parts
          .addObject()
          .put("name", part.name())
          .put("state", part.state())
          .put("before", part.before())
          .put("detail", AdminPath.text(part.detail()));
    }
    return json;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
