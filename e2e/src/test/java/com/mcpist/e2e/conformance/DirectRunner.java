package com.mcpist.e2e.conformance;

import com.mcpist.origin.module.Attempt;
import com.mcpist.origin.module.Invocation;
import com.mcpist.origin.module.Question;
import com.mcpist.origin.module.Tool;
import com.mcpist.origin.module.ToolCall;
import com.mcpist.origin.module.ToolResult;
import com.mcpist.origin.module.ToolRunner;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs tools that only compute: no database, and so no promise about attempts. */
final class DirectRunner implements ToolRunner {
  @Override
  public ToolResult run(Tool tool, Invocation invocation) throws Exception {
    return tool.handler().run(new Computation(invocation));
  }

  private record Computation(Invocation invocation) implements ToolCall {
    @Override
    public Handle database() {
      throw new IllegalStateException("A fixture has no database");
    }

    @Override
    public Attempt attempt() {
      return invocation.attempt();
    }

    @Override
    public ObjectNode arguments() {
      return invocation.arguments();
    }

    @Override
    public Question.Answers answers() {
      return invocation.answers();
    }

    @Override
    public void progress(double progress, double total, String message) {
      invocation.progress(progress, total, message);
    }

    @Override
    public void log(Invocation.LogLevel level, String logger, JsonNode data) {
      invocation.log(level, logger, data);
    }

    @Override
    public boolean cancelled() {
      return invocation.cancelled();
    }
  }
}
