package com.mcpist.origin.admin;

import com.mcpist.origin.mcp.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** An answer, with the headers beside those of every JSON answer; a null body is none. */
public record AdminReply(int status, Map<String, String> headers, @Nullable ObjectNode body) {
  static AdminReply ok(ObjectNode body) {
    return new AdminReply(200, Map.of(), body);
  }

  static AdminReply list(String name, List<ObjectNode> rows) {
    ObjectNode body = Json.object();
    body.putArray(name).addAll(rows);
    return ok(body);
  }

  /** An object with one property, which is null where there is none. */
  static AdminReply of(String name, Optional<ObjectNode> value) {
    ObjectNode body = Json.object();
    value.ifPresentOrElse(json -> body.set(name, json), () -> body.putNull(name));
    return ok(body);
  }

  static AdminReply created(ObjectNode body) {
    return new AdminReply(201, Map.of(), body);
  }

  static AdminReply noContent() {
    return new AdminReply(204, Map.of(), null);
  }
}
