package com.mcpist.cli;

import com.mcpist.deploy.config.Admission;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import java.net.URI;
import java.nio.file.Path;

/** What a person does with a pair that is up. */
final class Welcome {
  private Welcome() {}

  /**
   * The text.
   *
   * @param url where clients connect, without the path
   * @param admission what they are let in for
   */
  static String text(String url, Admission admission, boolean detached, Path data) {
    String mcp = address(url, admission);
    return """

    MCPist is up: %s
    %s

    Claude Code:
      claude mcp add --transport http mcpist %s%s

    Other clients:
      {"mcpServers": {"mcpist": {"type": "http", "url": "%s"%s}}}

    %s
    """
        .formatted(
            mcp,
            who(admission),
            mcp,
            admission.keys() ? " --header \"Authorization: Bearer KEY\"" : "",
            mcp,
            admission.keys() ? ", \"headers\": {\"Authorization\": \"Bearer KEY\"}" : "",
            detached
                ? "It runs in the background; `mcpist down` stops it. Data: " + data
                : "Ctrl-C stops it. Data: " + data);
  }

  /** A client compares the address that it was given with the one that tokens are for. */
  private static String address(String url, Admission admission) {
    return (admission.tokens() ? "http://localhost:" + URI.create(url).getPort() : url)
        + EdgeConfig.MCP;
  }

  private static String who(Admission admission) {
    if (admission.open()) {
      return "No authentication: this pair only answers on this machine.";
    }
    if (!admission.tokens()) {
      return "Clients need an API key: `mcpist keys create NAME` makes one.";
    }
    return admission.keys()
        ? "Clients need a token of the issuer in mcpist.yml, or an API key: `mcpist keys create"
            + " NAME` makes one."
        : "Clients need a token of the issuer in mcpist.yml.";
  }
}
