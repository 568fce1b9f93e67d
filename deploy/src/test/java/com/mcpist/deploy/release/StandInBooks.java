package com.mcpist.deploy.release;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.MutableClock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the origins' database keeps of deployments, behind both stand-ins for origins. */
public final class StandInBooks {
  private final MutableClock clock;
  private final Map<String, ObjectNode> releases = new LinkedHashMap<>();
  private final Map<String, ObjectNode> events = new LinkedHashMap<>();
  private @Nullable String token;
  private String owner = "";
  private Instant since = Instant.EPOCH;
  private Instant expires = Instant.EPOCH;

  public StandInBooks(MutableClock clock) {
    this.clock = clock;
  }

  /** Somebody else has the lock. */
  public synchronized void lockedBy(String somebody, long seconds) {
    token = "theirs";
    owner = somebody;
    since = clock.instant();
    expires = since.plusSeconds(seconds);
  }

  public synchronized boolean isLocked() {
    return token != null && expires.isAfter(clock.instant());
  }

  /** What is kept of releases, the oldest first. */
  synchronized List<ObjectNode> releases() {
    return List.copyOf(releases.values());
  }

  /** The kinds of the events, the oldest first. */
  synchronized List<String> events() {
    return events.values().stream().map(event -> event.path("kind").asString("")).toList();
  }

  public synchronized Behaviour answer(HttpMessage message) {
    String path = message.target().replaceFirst("\\?.*", "");
    String[] parts = path.split("/", -1);
    String id = parts.length > 4 ? parts[4] : "";
    return switch (message.method() + " " + parts[3]) {
      case "PUT lock" -> lock(read(message));
      case "GET lock" ->
          Behaviour.answer(200, "{\"lock\":" + (isLocked() ? holder() : "null") + "}");
      case "DELETE lock" -> {
        token = id.equals(token) ? null : token;
        yield Behaviour.status(204);
      }
      case "PUT releases" -> keep(id, read(message));
      case "GET releases" -> list("releases", List.copyOf(releases.values()));
      case "PUT events" -> {
        ObjectNode event = read(message).put("id", id).put("at", clock.instant().toString());
        boolean lasts = event.path("kind").asString("").equals("warning");
        events.put(id, event.put("running", lasts && event.path("ended").isNull()));
        yield Behaviour.status(204);
      }
      case "GET events" -> {
        String kinds = message.target().replaceFirst(".*kind=", "");
        yield list(
            "events",
            events.values().stream()
                .filter(event -> kinds.contains(event.path("kind").asString("")))
                .toList());
      }
      default -> Behaviour.status(404);
    };
  }

  private Behaviour lock(ObjectNode asked) {
    String theirs = asked.path("token").asString("");
    if (isLocked() && !theirs.equals(token)) {
      return Behaviour.answer(
          409,
          "{\"error\":{\"code\":\"locked\",\"message\":\"It is locked.\"},\"lock\":"
              + holder()
              + "}");
    }
    since = theirs.equals(token) ? since : clock.instant();
    token = theirs;
    owner = asked.path("owner").asString("");
    expires = clock.instant().plusSeconds(asked.path("ttlSeconds").asLong());
    return Behaviour.answer(200, holder());
  }

  private String holder() {
    return JsonMapper.shared()
        .createObjectNode()
        .put("owner", owner)
        .put("purpose", "a test")
        .put("since", since.toString())
        .put("expiresAt", expires.toString())
        .toString();
  }

  private Behaviour keep(String id, ObjectNode release) {
    if (!isLocked() || !release.path("lock").asString("").equals(token)) {
      return Behaviour.answer(409, "{\"error\":{\"code\":\"lock_lost\",\"message\":\"Lost.\"}}");
    }
    release.remove("lock");
    ObjectNode before = releases.get(id);
    release.put("id", id);
    release.put(
        "started",
        before == null ? clock.instant().toString() : before.path("started").asString(""));
    boolean running = release.path("state").asString("").equals("running");
    if (running && before != null && !before.path("finished").isNull()) {
      return Behaviour.answer(200, before.toString()); // What is finished is not opened again.
    }
    release.put("finished", running ? null : clock.instant().toString());
    releases.put(id, release);
    return Behaviour.answer(200, release.toString());
  }

  private static Behaviour list(String name, List<ObjectNode> rows) {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    rows.reversed().forEach(answer.putArray(name)::add);
    return Behaviour.answer(200, answer.toString());
  }

  private static ObjectNode read(HttpMessage message) {
    JsonNode body = JsonMapper.shared().readTree(message.body());
    return (ObjectNode) body;
  }
}
