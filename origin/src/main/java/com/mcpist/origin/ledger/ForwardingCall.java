package com.mcpist.origin.ledger;

import com.mcpist.origin.module.Attempt;
import com.mcpist.origin.module.Invocation;
import com.mcpist.origin.module.Question;
import com.mcpist.origin.module.ToolCall;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A call that is its invocation in all but its database. */
abstract class ForwardingCall implements ToolCall {
  private final Invocation invocation;

  ForwardingCall(Invocation invocation) {
    this.invocation = invocation;
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
