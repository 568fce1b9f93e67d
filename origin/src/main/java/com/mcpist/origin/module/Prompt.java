package com.mcpist.origin.module;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A prompt that a person chooses in the client.
 *
 * @param definition MCP's Prompt object: name, title, description, arguments
 * @param handler makes its messages
 */
public record Prompt(ObjectNode definition, Handler handler) {
  /** The name by which clients get it. */
  public String name() {
    return definition.path("name").asString();
  }

  /** The work of a prompt. Runs on a virtual thread; may block, and changes nothing. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Makes the messages, MCP's PromptMessage objects; the call's arguments are the prompt's.
     *
     * @throws ToolException for what the caller can mend; its message is shown to the client
     * @throws Exception for anything else; the client sees a correlation id only
     */
    List<ObjectNode> messages(ToolCall call) throws Exception;
  }
}
