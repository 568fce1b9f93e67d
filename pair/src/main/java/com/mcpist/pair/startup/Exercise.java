package com.mcpist.pair.startup;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Requests that make an edge and its origin load what calls need. None of them leaves anything in
 * the database: what is to be deleted does not exist.
 */
public final class Exercise {
  private static final int ROUNDS = 20;
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String LEGACY = "2025-06-18";

  private static final List<String> MESSAGES =
      List.of(
          """
          {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",\
          "capabilities":{},"clientInfo":{"name":"mcpist-training","version":"1"}}}\
          """,
          """
          {"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}\
          """,
          call("memory_search", "{\"query\":\"a fast start\",\"limit\":1}"),
          call("memory_list", "{}"),
          call("memory_delete", "{\"id\":\"00000000-0000-7000-8000-000000000000\"}"));

  private final HttpClient client;
  private final List<Way> ways;

  /**
   * Where requests are sent.
   *
   * @param headers what is shown there
   */
  public record Way(URI mcp, Map<String, String> headers) {
    /** As given. */
    public Way {
      headers = Map.copyOf(headers);
    }

    /** Without the values, since some are secrets. */
    @Override
    public String toString() {
      return "Way[" + mcp + "]";
    }
  }

  /** By each of these. */
  public Exercise(HttpClient client, List<Way> ways) {
    this.client = client;
    this.ways = List.copyOf(ways);
  }

  private static String call(String tool, String arguments) {
    return "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\""
        + tool
        + "\",\"arguments\":"
        + arguments
        + "}}";
  }

  /**
   * Sends them. What they are answered does not matter, so an error in them is none here.
   *
   * @throws IOException where nobody answers
   */
  void run() throws IOException, InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      for (String message : MESSAGES) {
        for (Way way : ways) {
          client.send(request(way, message), HttpResponse.BodyHandlers.discarding());
        }
      }
    }
  }

  private static HttpRequest request(Way way, String message) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(way.mcp())
            .timeout(LIMIT)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .header("MCP-Protocol-Version", LEGACY);
    way.headers().forEach(request::header);
    return request.POST(HttpRequest.BodyPublishers.ofString(message)).build();
  }
}
