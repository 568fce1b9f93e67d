package com.mcpist.e2e.bench;

import com.mcpist.drill.tool.Tally;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls of a tool that writes, each with a title of its own, so that the database can tell which of
 * them have run, and how often.
 */
final class Saves implements CountedCalls {

  private final String name;
  private final Door door;
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

  /**
   * Where a call goes.
   *
   * @param tool as it is named there
   * @param revision of MCP: 2026-07-28, or an earlier one without sessions
   * @param headers more of them, one a line
   */
  record Door(String tool, String revision, String headers) {
    static final Door PLAIN = new Door("memory_save", McpConnection.VERSION, "");
  }

  /** The name tells its titles from those of others. */
  Saves(String name) {
    this(name, Door.PLAIN);
  }

  Saves(String name, Door door) {
    this.name = name;
    this.door = door;
  }

  @Override
  public String call(McpConnection connection, int client, int number) throws IOException {
    String title = name + " client " + client + " number " + number;
    McpConnection.Reply reply = connection.exchange(request(Map.of("title", title, "text", "t")));
    String saved = reply.structured().path("title").asString("");
    if (!saved.equals(title)) {
      throw new AssertionError("the answer to another call, " + saved + ", came for " + title);
    }
    acknowledged.add(title);
    return reply.servedBy();
  }

  private String request(Map<String, ?> arguments) {
    if (door.revision().equals(McpConnection.VERSION)) {
      return McpConnection.callRequest("/mcp", door.tool(), arguments, door.headers());
    }
    Map<String, ?> call = Map.of("name", door.tool(), "arguments", arguments);
    return RawHttp.post(
        "/mcp",
        """
        Accept: application/json, text/event-stream
        MCP-Protocol-Version: %s
        %s\
        """
            .formatted(door.revision(), door.headers())
            .strip(),
        JsonMapper.shared()
            .writeValueAsString(
                Map.of("jsonrpc", "2.0", "id", 1, "method", "tools/call", "params", call)));
  }

  @Override
  public int done() {
    return acknowledged.size();
  }

  @Override
  public int unknown() {
    return 0;
  }

  @Override
  public Tally tally(DataSource database) throws SQLException {
    Map<String, Integer> runs = new HashMap<>();
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery("select title, count(*) from memory group by title")) {
      while (rows.next()) {
        runs.put(rows.getString(1), rows.getInt(2));
      }
    }
    long lost = acknowledged.stream().filter(title -> !runs.containsKey(title)).count();
    long twice = runs.values().stream().filter(n -> n > 1).count();
    return new Tally(Math.toIntExact(lost), Math.toIntExact(twice), 0);
  }
}
