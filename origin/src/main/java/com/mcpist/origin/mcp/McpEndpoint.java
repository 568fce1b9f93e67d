package com.mcpist.origin.mcp;

import com.mcpist.origin.module.Module;
import com.mcpist.origin.module.ToolRunner;
import java.util.List;

/** The MCP server: what modules offer, on the wire. */
public final class McpEndpoint {
  /**
   * Builds the endpoint and compiles every schema.
   *
   * @param modules what is offered, in the order in which clients see it
   * @param runner runs the tools
   * @param server what clients are told of the server
   * @param keys authenticate what clients carry between rounds
   * @throws IllegalArgumentException when two modules offer the same name, or a schema is not one
   */
  public McpEndpoint(List<Module> modules, ToolRunner runner, ServerInfo server, StateKeys keys) {}
}
