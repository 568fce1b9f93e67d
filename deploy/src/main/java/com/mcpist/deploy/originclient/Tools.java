package com.mcpist.deploy.originclient;

import com.mcpist.deploy.http.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The answer to a tools/list.
 *
 * @param names of the first page
 * @param problem why there are none; else empty
 */
public record Tools(List<String> names, String problem) {
  /** As a client asks that knows of no session: every revision of MCP that is spoken answers it. */
  static final Call LIST =
      Call.change(
              "list the tools",
              "POST",
              "/mcp",
              JsonMapper.shared()
                  .readTree(
                      """
                      {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
                      """))
          .with("Accept", "application/json, text/event-stream")
          .with("MCP-Protocol-Version", "2025-06-18");

  static Tools of(JsonNode answer) {
    List<String> names = new ArrayList<>();
    for (JsonNode tool : answer.path("result").path("tools")) {
      names.add(tool.path("name").asString(""));
    }
    if (!names.isEmpty()) {
      return new Tools(names, "");
    }
    JsonNode error = answer.path("error").path("message");
    return none(error.isString() ? error.asString() : "the answer has no tools");
  }

  Tools with(UnaryOperator<String> change) {
    return new Tools(names.stream().map(change).toList(), change.apply(problem));
  }

  static Tools none(String problem) {
    return new Tools(List.of(), problem);
  }
}
