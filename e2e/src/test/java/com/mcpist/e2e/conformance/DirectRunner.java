package com.mcpist.e2e.conformance;

import com.mcpist.module.Invocation;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner;
import org.jdbi.v3.core.Handle;

/** Runs tools that only compute: no database, and so no promise about attempts. */
final class DirectRunner implements ToolRunner {
  @Override
  public ToolResult run(Tool tool, Invocation invocation) throws Exception {
    return tool.handler().run(new ToolCall(invocation, invocation.attempt(), DirectRunner::none));
  }

  @Override
  public void undelivered(Tool tool, Invocation invocation) {}

  private static Handle none() {
    throw new IllegalStateException("A fixture has no database");
  }
}
