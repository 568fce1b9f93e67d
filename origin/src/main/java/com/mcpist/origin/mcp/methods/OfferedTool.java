package com.mcpist.origin.mcp.methods;

import com.mcpist.origin.mcp.negotiation.MirroredHeaders;
import com.mcpist.origin.module.Tool;
import com.mcpist.origin.module.ToolCall;
import com.mcpist.origin.module.ToolHandler;
import com.mcpist.origin.module.ToolResult;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A tool as it is called: its schemas compiled, its output checked.
 *
 * @param tool runs the module's handler and checks what it returns
 * @param input what arguments must be
 * @param headers the parameters that clients repeat in headers
 */
record OfferedTool(Tool tool, JsonSchema input, MirroredHeaders headers) {
  /**
   * Compiles the tool's schemas.
   *
   * @throws IllegalArgumentException when one is not a schema
   */
  static OfferedTool of(Tool tool) {
    JsonNode input = tool.definition().path("inputSchema");
    if (!input.path("type").asString("").equals("object")) {
      throw new IllegalArgumentException(tool.name() + ": inputSchema must be of type object");
    }
    JsonNode output = tool.definition().get("outputSchema");
    JsonSchema promise = output == null ? null : JsonSchema.compile(output);
    ToolHandler checked = call -> check(tool, promise, call);
    return new OfferedTool(
        new Tool(tool.definition(), tool.effect(), checked),
        JsonSchema.compile(input),
        MirroredHeaders.of(input));
  }

  /** Checked inside the handler, so that a tool that breaks its promise has no effect either. */
  private static ToolResult check(Tool tool, @Nullable JsonSchema promise, ToolCall call)
      throws Exception {
    ToolResult result = tool.handler().run(call);
    if (promise != null && !result.isError()) {
      String problems =
          result.structured() == null
              ? "it has no structured content"
              : promise.problems(result.structured());
      if (!problems.isEmpty()) {
        throw new IllegalStateException(
            "The result of " + tool.name() + " is not valid by its outputSchema: " + problems);
      }
    }
    return result;
  }
}
