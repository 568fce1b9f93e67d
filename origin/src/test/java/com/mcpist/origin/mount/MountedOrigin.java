package com.mcpist.origin.mount;

import com.mcpist.origin.RunningOrigin;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** An origin that mounts {@link SmallServer}, and its client, whom an edge has let in. */
final class MountedOrigin implements AutoCloseable {
  static final String ADMIN_TOKEN = "t".repeat(32);
  static final String LEGACY = "2025-11-25";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final RunningOrigin origin;

  private MountedOrigin(RunningOrigin origin) {
    this.origin = origin;
  }

  /** An entry of the file, with more keys. */
  static ObjectNode entry(Path folder, String more) {
    ObjectNode entry =
        JSON.createObjectNode()
            .put("command", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    entry
        .putArray("args")
        .add("-XX:+UseSerialGC")
        .add("-XX:TieredStopAtLevel=1")
        .add("-cp")
        .add(System.getProperty("java.class.path"))
        .add(SmallServer.class.getName());
    entry.putObject("env").put("FOLDER", folder.toString());
    return (ObjectNode) JSON.readerForUpdating(entry).readTree(more);
  }

  /** One that does not start. */
  static ObjectNode broken(Path folder) {
    ObjectNode entry = entry(folder, "{}");
    entry.withArray("args").add("broken");
    return entry;
  }

  static String file(String name, ObjectNode entry) {
    ObjectNode file = JSON.createObjectNode();
    file.putObject("mcpServers").set(name, entry);
    return file.toString();
  }

  static MountedOrigin start(TestDatabase database, String name, ObjectNode entry) {
    return start(database, file(name, entry), Map.of());
  }

  static MountedOrigin start(TestDatabase database, String file, Map<String, String> more) {
    Map<String, String> variables = new HashMap<>(more);
    variables.put("MOUNTS", file);
    variables.put("ADMIN_TOKEN", ADMIN_TOKEN);
    return new MountedOrigin(RunningOrigin.start(database, variables).awaitHealthy());
  }

  HttpRequest.Builder post(String user, String version, ObjectNode request) {
    HttpRequest.Builder builder =
        origin
            .to("/mcp")
            .header("X-User-Id", user)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .POST(HttpRequest.BodyPublishers.ofString(request.toString()));
    Requests.headers(version, request).forEach(builder::header);
    return builder;
  }

  /** The id that a client of an older revision with these capabilities gets. */
  String session(String capabilities) throws IOException, InterruptedException {
    ObjectNode initialize =
        Requests.request(
            LEGACY,
            "initialize",
            "{\"protocolVersion\":\"%s\",\"capabilities\":%s}".formatted(LEGACY, capabilities));
    return send(post("ann", LEGACY, initialize)).headers().firstValue("Mcp-Session-Id").orElse("");
  }

  /** A question's answer, result or error; the status. */
  int tell(String user, JsonNode question, String answer) throws IOException, InterruptedException {
    ObjectNode message = Definitions.json(answer).put("jsonrpc", "2.0");
    message.set("id", question.get("id"));
    return send(post(user, LEGACY, message)).statusCode();
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return origin.send(request);
  }

  HttpRequest.Builder to(String path) {
    return origin.to(path);
  }

  /** All messages of the answer, whether it came as JSON or as a stream. */
  static List<ObjectNode> messages(HttpResponse<String> response) {
    return response.headers().firstValue("Content-Type").orElse("").equals("text/event-stream")
        ? response
            .body()
            .lines()
            .filter(l -> l.startsWith("data: "))
            .map(l -> Definitions.json(l.substring("data: ".length())))
            .toList()
        : List.of(Definitions.json(response.body()));
  }

  JsonNode answer(HttpRequest.Builder request) throws IOException, InterruptedException {
    return messages(send(request)).getLast();
  }

  /** The answer to a request of this revision. */
  JsonNode ask(String version, String method, String params)
      throws IOException, InterruptedException {
    return answer(post("ann", version, Requests.request(version, method, params)));
  }

  JsonNode call(String tool, String arguments) throws IOException, InterruptedException {
    return answer(post("ann", Requests.MODERN, Requests.call(Requests.MODERN, tool, arguments)));
  }

  /** The text of a call's result. */
  String text(String tool, String arguments) throws IOException, InterruptedException {
    return text(call(tool, arguments));
  }

  static String text(JsonNode answer) {
    return answer.path("result").path("content").path(0).path("text").asString(answer.toString());
  }

  /** The tools that it lists, by name. */
  Map<String, JsonNode> tools() throws IOException, InterruptedException {
    Map<String, JsonNode> tools = new HashMap<>();
    for (JsonNode tool : ask(Requests.MODERN, "tools/list", "{}").path("result").path("tools")) {
      tools.put(tool.path("name").asString(), tool);
    }
    return tools;
  }

  /** As it is listed. */
  JsonNode tool(String name) throws IOException, InterruptedException {
    JsonNode tool = tools().get(name);
    return tool == null ? MissingNode.getInstance() : tool;
  }

  void awaitTool(String name, String description) {
    Conditions.await(
        name + " is described as " + description,
        () -> tool(name).path("description").asString("").equals(description));
  }

  JsonNode admin(String method, String path) throws IOException, InterruptedException {
    return Definitions.json(
        send(to("/api/admin/" + path)
                .header("Authorization", "Bearer " + ADMIN_TOKEN)
                .method(method, HttpRequest.BodyPublishers.noBody()))
            .body());
  }

  @Override
  public void close() {
    origin.close();
  }
}
