package com.mcpist.origin.mcp.methods;

import com.mcpist.origin.mcp.wire.Headers;
import com.mcpist.origin.mcp.wire.Json;
import com.mcpist.origin.mcp.wire.Params;
import com.mcpist.origin.mcp.wire.ProtocolVersion;
import com.mcpist.origin.mcp.wire.RpcException;
import com.mcpist.origin.mcp.wire.Text;
import com.mcpist.origin.module.InputRequired;
import com.mcpist.origin.module.ToolException;
import com.mcpist.origin.module.ToolResult;
import com.mcpist.origin.module.ToolRunner;
import tools.jackson.databind.node.ObjectNode;

/** The method tools/call. */
public final class ToolCalls {
  private final Catalog catalog;
  private final ToolRunner runner;
  private final Rounds rounds;

  public ToolCalls(Catalog catalog, ToolRunner runner, Rounds rounds) {
    this.catalog = catalog;
    this.runner = runner;
    this.rounds = rounds;
  }

  ObjectNode call(Call call, Headers headers) throws Exception {
    ObjectNode params = call.request().params();
    String name = Params.string(params, "name");
    OfferedTool offered =
        catalog
            .tool(name)
            .orElseThrow(() -> RpcException.invalidParams("Unknown tool " + Text.quoted(name)));
    ObjectNode arguments = Params.object(params, "arguments");
    ProtocolVersion version = call.client().version();
    if (version.modern()) {
      offered.headers().check(arguments, headers);
    }
    String problems = offered.input().problems(arguments);
    if (!problems.isEmpty()) {
      String message = "Invalid arguments for " + name + ": " + problems;
      if (version.argumentErrorsAreResults()) {
        return rendered(ToolResult.error(message));
      }
      throw RpcException.invalidParams(message);
    }
    return run(offered, call.with(arguments, rounds.answers(call)));
  }

  private ObjectNode run(OfferedTool offered, Call call) throws Exception {
    try {
      return rendered(runner.run(offered.tool(), call));
    } catch (ToolException e) {
      return rendered(ToolResult.error(Text.message(e)));
    } catch (InputRequired e) {
      return rounds.ask(call, e);
    }
  }

  private static ObjectNode rendered(ToolResult result) {
    ObjectNode json = Json.object();
    json.putArray("content").addAll(result.content());
    if (result.structured() != null) {
      json.set("structuredContent", result.structured());
    }
    return json.put("isError", result.isError());
  }
}
