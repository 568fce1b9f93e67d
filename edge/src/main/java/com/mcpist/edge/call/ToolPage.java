package com.mcpist.edge.call;

import com.mcpist.edge.wire.EventReader;
import com.mcpist.edge.wire.EventReader.Event;
import com.mcpist.edge.wire.EventReader.TooLongException;
import io.vertx.core.buffer.Buffer;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One page of an origin's tools/list. Pure.
 *
 * @param readOnly the names of the tools that it marks with readOnlyHint
 * @param next the cursor of the next page, if there is one
 */
record ToolPage(Set<String> readOnly, Optional<String> next) {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String META = "io.modelcontextprotocol/";

  /** The request for a page: the one after {@code cursor}, or the first. */
  static Buffer request(String version, boolean stateless, Optional<String> cursor) {
    ObjectNode request = request("tools/list");
    ObjectNode params = request.putObject("params");
    cursor.ifPresent(at -> params.put("cursor", at));
    if (stateless) {
      ObjectNode meta = params.putObject("_meta").put(META + "protocolVersion", version);
      meta.putObject(META + "clientInfo").put("name", "mcpist-edge").put("version", "1");
      meta.putObject(META + "clientCapabilities");
    }
    return Buffer.buffer(JSON.writeValueAsBytes(request));
  }

  /** The request that opens a session, where there are sessions. */
  static Buffer initialize(String version) {
    ObjectNode request = request("initialize");
    ObjectNode params = request.putObject("params").put("protocolVersion", version);
    params.putObject("capabilities");
    params.putObject("clientInfo").put("name", "mcpist-edge").put("version", "1");
    return Buffer.buffer(JSON.writeValueAsBytes(request));
  }

  private static ObjectNode request(String method) {
    return JSON.createObjectNode().put("jsonrpc", "2.0").put("id", 1).put("method", method);
  }

  /** Reads an answer, JSON or events; empty when there is no list of tools in it. */
  static Optional<ToolPage> read(Buffer body) {
    return messages(body)
        .map(message -> message.path("result"))
        .filter(result -> result.path("tools").isArray())
        .findFirst()
        .map(ToolPage::page);
  }

  private static ToolPage page(JsonNode result) {
    Set<String> names = new HashSet<>();
    for (JsonNode tool : result.path("tools").values()) {
      if (tool.path("annotations").path("readOnlyHint").asBoolean(false)) {
        names.add(tool.path("name").asString(""));
      }
    }
    String next = result.path("nextCursor").asString("");
    return new ToolPage(names, next.isEmpty() ? Optional.empty() : Optional.of(next));
  }

  private static Stream<JsonNode> messages(Buffer body) {
    return parse(body.toString()).map(Stream::of).orElseGet(() -> events(body));
  }

  private static Stream<JsonNode> events(Buffer body) {
    try {
      List<Event> events = new EventReader(Math.max(1, body.length())).read(body);
      return events.stream()
          .flatMap(event -> Optional.ofNullable(event.data()).stream())
          .flatMap(data -> parse(data).stream());
    } catch (TooLongException impossible) {
      return Stream.empty();
    }
  }

  private static Optional<JsonNode> parse(String text) {
    try {
      return Optional.of(JSON.readTree(text)).filter(JsonNode::isObject);
    } catch (JacksonException notJson) {
      return Optional.empty();
    }
  }
}
