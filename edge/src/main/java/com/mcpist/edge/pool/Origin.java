package com.mcpist.edge.pool;

import java.net.URI;

/** An origin that calls may be sent to; its address has a path where it takes MCP at another. */
public record Origin(String name, URI url) {
  private static final String MCP_PATH = "/mcp";

  public String mcpPath() {
    return url.getRawPath().isEmpty() ? MCP_PATH : url.getRawPath();
  }

  /** What it is asked for when a client asks the edge for this, at {@code /mcp}. */
  public String uri(String atEdge) {
    return mcpPath() + atEdge.substring(MCP_PATH.length());
  }
}
