package com.mcpist.origin.module;

/** The work of a tool. Runs on a virtual thread and may block. */
@FunctionalInterface
public interface ToolHandler {
  /**
   * Does the work once.
   *
   * @throws ToolException for what the caller can mend; its message is shown to the client
   * @throws InputRequired when the client must answer something first
   * @throws Exception for anything else; the client sees a correlation id only
   */
  ToolResult run(ToolCall call) throws Exception;
}
