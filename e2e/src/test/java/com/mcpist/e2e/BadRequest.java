package com.mcpist.e2e;

import static com.mcpist.e2e.harness.McpConnection.callRequest;
import static com.mcpist.e2e.harness.McpConnection.request;

import com.mcpist.testkit.RawHttp;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A request that no well-behaved client sends.
 *
 * @param statuses those that are right for it, as a regular expression
 * @param code the JSON-RPC error's code, or 0 where the body need have none
 */
record BadRequest(String name, String bytes, String statuses, int code) {

  private static final String MODERN =
      """
      Accept: application/json, text/event-stream
      MCP-Protocol-Version: 2026-07-28
      Mcp-Method: tools/list\
      """;

  @Override
  public String toString() {
    return name;
  }

  static Stream<BadRequest> all() {
    return Stream.of(bodies(), headers(), paths(), framing()).flatMap(requests -> requests);
  }

  private static Stream<BadRequest> bodies() {
    return Stream.of(
        new BadRequest("broken JSON", post("{\"jsonrpc\":"), "400", -32700),
        new BadRequest("no JSON", post("hello"), "400", -32700),
        new BadRequest("an empty body", post(""), "400", -32700),
        new BadRequest("a number", post("42"), "400", -32600),
        new BadRequest(
            "a method that is a number",
            post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}"),
            "400",
            -32600),
        new BadRequest(
            "params that are a string",
            post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":\"x\"}"),
            "400",
            0),
        new BadRequest(
            "no _meta",
            post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"),
            "400",
            -32602),
        new BadRequest(
            "an unknown tool",
            callRequest("/mcp", "no_such_tool", Map.of(), ""),
            "200|400",
            -32602),
        new BadRequest(
            "an unknown method", request("/mcp", "no/such", Map.of(), ""), "404", -32601));
  }

  private static Stream<BadRequest> headers() {
    return Stream.of(
        new BadRequest(
            "a header that differs from the body",
            search("Mcp-Name: memory_search", "Mcp-Name: memory_save"),
            "400",
            -32020),
        new BadRequest(
            "a missing Mcp-Method", search("Mcp-Method: tools/call\r\n", ""), "400", -32020),
        new BadRequest(
            "a missing Mcp-Name", search("Mcp-Name: memory_search\r\n", ""), "400", -32020),
        new BadRequest("an unknown revision", search("2026-07-28", "2099-01-01"), "400", -32022),
        new BadRequest(
            "another site's Origin",
            search("Accept:", "Origin: http://evil.example\r\nAccept:"),
            "403",
            0),
        new BadRequest(
            "a page of no origin", search("Accept:", "Origin: null\r\nAccept:"), "403", 0),
        new BadRequest(
            "another site's name, made to resolve to here",
            search("Host: localhost", "Host: evil.example:8080"),
            "421",
            0),
        new BadRequest(
            "another site's name, and its page",
            search("Host: localhost", "Host: evil.example\r\nOrigin: http://evil.example"),
            "421",
            0),
        new BadRequest(
            "a name that begins like this machine's",
            search("Host: localhost", "Host: localhost.evil.example"),
            "421",
            0),
        new BadRequest(
            "a header of 64 KiB",
            search("Accept:", "X-Long: " + "a".repeat(65_536) + "\r\nAccept:"),
            "400|431",
            0));
  }

  private static Stream<BadRequest> paths() {
    return Stream.of(
        new BadRequest("GET", bare("GET /mcp"), "405", 0),
        new BadRequest("DELETE", bare("DELETE /mcp"), "405", 0),
        new BadRequest("/mcp/../health", bare("GET /mcp/../health"), "400|404", 0),
        new BadRequest("/mcp/..%2fhealth", bare("GET /mcp/..%2fhealth"), "400|404", 0),
        new BadRequest("//mcp", search("POST /mcp ", "POST //mcp "), "400|404", 0),
        new BadRequest("/HEALTH", bare("GET /HEALTH"), "400|404", 0),
        new BadRequest("/heartbeat", bare("GET /heartbeat"), "400|404", 0),
        new BadRequest("/api/admin", bare("GET /api/admin"), "400|404", 0));
  }

  private static Stream<BadRequest> framing() {
    return Stream.of(
        new BadRequest(
            "two lengths",
            search("Content-Length:", "Content-Length: 3\r\nContent-Length:"),
            "400",
            0),
        new BadRequest(
            "a length and chunks",
            search("Content-Length:", "Transfer-Encoding: chunked\r\nContent-Length:"),
            "400",
            0),
        new BadRequest("no HTTP at all", "hello\r\n\r\n", "400", 0));
  }

  private static String post(String body) {
    return RawHttp.post("/mcp", MODERN, body);
  }

  private static String bare(String methodAndTarget) {
    return methodAndTarget + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  /** A good call, with one thing in it replaced. */
  private static String search(String good, String bad) {
    String call = callRequest("/mcp", "memory_search", Map.of("query", "x"), "");
    return call.replace(good, bad);
  }
}
