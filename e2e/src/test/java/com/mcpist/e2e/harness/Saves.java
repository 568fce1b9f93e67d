package com.mcpist.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/** Memories that clients have saved: each must be there once, as its client was told. */
public final class Saves {
  private final String tag;

  // By title, the id that the client was told.
  private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

  /**
   * None yet.
   *
   * @param tag which only these memories have
   */
  public Saves(String tag) {
    this.tag = tag;
  }

  /** Saves one, and returns the origin's name. */
  public String save(McpConnection connection, String title) throws IOException {
    return save(connection, title, "");
  }

  /** The same with more headers, one a line. */
  public String save(McpConnection connection, String title, String headers) throws IOException {
    McpConnection.Reply reply =
        connection.call(
            "memory_save",
            Map.of("title", tag + " " + title, "text", "t", "tags", new String[] {tag}),
            headers);
    acknowledged.put(tag + " " + title, reply.structured().findPath("id").asString());
    return reply.servedBy();
  }

  /** Lists them through an edge. */
  public void assertThatAllAreSavedOnce(int port) throws IOException {
    Map<String, List<String>> saved = new HashMap<>();
    try (McpConnection client = McpConnection.open(port)) {
      Map<String, Object> arguments = new HashMap<>(Map.of("tags", List.of(tag), "limit", 200));
      boolean more = true;
      while (more) {
        JsonNode page = client.call("memory_list", arguments).structured();
        page.path("memories")
            .forEach(
                memory ->
                    saved
                        .computeIfAbsent(memory.path("title").asString(), _ -> new ArrayList<>())
                        .add(memory.path("id").asString()));
        more = page.has("nextCursor");
        arguments.put("cursor", page.path("nextCursor").asString());
      }
    }
    assertThat(saved).hasSameSizeAs(acknowledged);
    acknowledged.forEach((title, id) -> assertThat(saved.get(title)).containsExactly(id));
  }
}
