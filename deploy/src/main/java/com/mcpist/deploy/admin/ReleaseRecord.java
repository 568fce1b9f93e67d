package com.mcpist.deploy.admin;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * One deployment, as it is kept. The times are by the database's clock: empty before it is kept,
 * and while it runs.
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
   * @param before the digest that it had; empty when that is not known
   */
  public record Part(String name, String state, String before, String detail) {}

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
    List<Part> parts =
        origins.stream()
            .map(
                part ->
                    new Part(
                        part.name(), part.state(), part.before(), AdminPath.text(part.detail())))
            .toList();
    ObjectNode json = AdminPath.JSON.valueToTree(with(state, AdminPath.text(detail), parts));
    return json.remove(List.of("id", "started", "finished"))
        .put("lock", lock.toString())
        .put("release", AdminPath.name(release))
        .put("strategy", AdminPath.name(strategy))
        .put("who", AdminPath.name(who));
  }
}
