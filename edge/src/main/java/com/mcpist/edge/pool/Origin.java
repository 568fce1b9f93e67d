package com.mcpist.edge.pool;

import java.net.URI;

/**
 * An origin that calls may be sent to. Its address has a path if it takes MCP at another path than
 * {@code /mcp}.
 */
public record Origin(String name, URI url) {
  private static final String MCP_PATH = "/mcp";

  public String mcpPath() {
    return url.getRawPath().isEmpty() ? MCP_PATH : url.getRawPath();
  }

  /** Returns the URI at the origin for a client's request to the edge at {@code /mcp}. */
  public String uri(String atEdge) {
    return mcpPath() + atEdge.substring(MCP_PATH.length());
  }
}
