package com.mcpist.edge.pool;

import java.net.URI;

/**
 * An origin that calls may be sent to. Its address is that of a Unix socket, or has a path if the
 * origin takes MCP at another path than {@code /mcp}.
 */
public record Origin(String name, URI url) {
  private static final String MCP_PATH = "/mcp";

  /** Returns true if the URL is that of a Unix socket: {@code unix:} and the path of the socket. */
  public static boolean isSocket(URI url) {
    return "unix".equals(url.getScheme());
  }

  public String mcpPath() {
    return isSocket(url) || url.getRawPath().isEmpty() ? MCP_PATH : url.getRawPath();
  }

  /** Returns the URI at the origin for a client's request to the edge at {@code /mcp}. */
  public String uri(String atEdge) {
    return mcpPath() + atEdge.substring(MCP_PATH.length());
  }
}
