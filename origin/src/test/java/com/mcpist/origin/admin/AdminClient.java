package com.mcpist.origin.admin;

import com.mcpist.origin.RunningOrigin;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One who deploys, and speaks to an origin of its own. */
final class AdminClient implements AutoCloseable {
  static final String TOKEN = "an-admin-token-of-32-characters-1";
  static final String NEXT_TOKEN = "an-admin-token-of-32-characters-2";
  static final String TOKENS = TOKEN + "," + NEXT_TOKEN;
  static final int POOL_SIZE = 3;

  final RunningOrigin origin;

  private AdminClient(RunningOrigin origin) {
    this.origin = origin;
  }

  /** What came back; {@code body} is empty where there was none. */
  record Answer(int status, ObjectNode body) {
    String code() {
      return body.path("error").path("code").asString("");
    }

    boolean databaseAway() {
      return code().equals("database_away");
    }

    String message() {
      return body.path("error").path("message").asString("");
    }
  }

  static AdminClient on(TestDatabase database) {
    return on(database.originUrl(), database.url());
  }

  static AdminClient on(String url, String owner) {
    return starting(url, owner, Map.of()).awaitHealthy();
  }

  static AdminClient starting(String url, String owner, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("ADMIN_TOKEN", TOKENS);
    environment.put("DATABASE_POOL_SIZE", Integer.toString(POOL_SIZE));
    return new AdminClient(RunningOrigin.start(url, owner, environment));
  }

  AdminClient awaitHealthy() {
    var _ = origin.awaitHealthy();
    return this;
  }

  Answer get(String path) {
    return send(request(path).GET());
  }

  Answer put(String path, String json) {
    return send(request(path).PUT(HttpRequest.BodyPublishers.ofString(json)));
  }

  Answer put(String path, JsonNode json) {
    return put(path, json.toString());
  }

  Answer post(String path, String json) {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  Answer delete(String path) {
    return send(request(path).DELETE());
  }

  HttpRequest.Builder request(String path) {
    return origin.to("/api/admin/" + path).header("Authorization", "Bearer " + TOKEN);
  }

  /**
   * Asks, and again while the database is away: doing it twice is as doing it once, and a slow
   * machine may take longer than the limits of a transaction.
   */
  Answer send(HttpRequest.Builder request) {
    Answer first = sendOnce(request);
    return first.databaseAway()
        ? Conditions.awaitValue(
            "the database is there",
            Conditions.LIMIT,
            () -> Optional.of(sendOnce(request)).filter(answer -> !answer.databaseAway()))
        : first;
  }

  private Answer sendOnce(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = origin.send(request);
      return new Answer(
          response.statusCode(),
          response.body().isEmpty()
              ? JsonNodeFactory.instance.objectNode()
              : (ObjectNode) JsonMapper.shared().readTree(response.body()));
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  Answer lock(UUID token, String owner) {
    return put("lock", lockRequest(token, owner));
  }

  /** The same, asked once. */
  Answer lockOnce(UUID token, String owner) {
    String json = lockRequest(token, owner).toString();
    return sendOnce(request("lock").PUT(HttpRequest.BodyPublishers.ofString(json)));
  }

  static ObjectNode lockRequest(UUID token, String owner) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("token", token.toString())
        .put("owner", owner)
        .put("purpose", "deploy v2")
        .put("ttlSeconds", 60);
  }

  static ObjectNode release(UUID lock, String state) {
    ObjectNode release =
        JsonNodeFactory.instance
            .objectNode()
            .put("lock", lock.toString())
            .put("action", "deploy")
            .put("image", "ghcr.io/example/mcp:v2")
            .put("digest", "sha256:" + "2".repeat(64))
            .put("release", "v2")
            .put("strategy", "simultaneous")
            .put("who", "ann@laptop")
            .put("state", state)
            .put("detail", "");
    release
        .putArray("origins")
        .addObject()
        .put("name", "koyeb-primary")
        .put("state", "healthy")
        .put("before", "sha256:" + "1".repeat(64))
        .put("detail", "");
    return release;
  }

  static ObjectNode event(String message) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("kind", "failure")
        .putNull("origin")
        .put("message", message);
  }

  static String text(JsonNode object, String field) {
    return Objects.requireNonNull(object.get(field), field).stringValue();
  }

  @Override
  public void close() {
    origin.close();
  }
}
