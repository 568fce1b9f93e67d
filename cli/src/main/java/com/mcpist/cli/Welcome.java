package com.mcpist.cli;

import java.nio.file.Path;

/** What a person does with a pair that is up. */
final class Welcome {
  private Welcome() {}

  static String text(String url, boolean detached, Path data) {
    String mcp = url + "/mcp";
    return """

    MCPist is up: %s

    Claude Code:
      claude mcp add --transport http mcpist %s

    Other clients:
      {"mcpServers": {"mcpist": {"type": "http", "url": "%s"}}}

    %s
    """
        .formatted(
            mcp,
            mcp,
            mcp,
            detached
                ? "It runs in the background; `mcpist down` stops it. Data: " + data
                : "Ctrl-C stops it. Data: " + data);
  }
}
