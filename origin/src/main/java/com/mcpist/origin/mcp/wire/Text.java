package com.mcpist.origin.mcp.wire;

import com.mcpist.origin.module.ToolException;

/** What a client sent, made fit to be said back to it and to stand in a log line. */
public final class Text {
  private static final int LONGEST = 100;

  private Text() {}

  /** In quotation marks, cut to a hundred characters, without control characters. */
  public static String quoted(String text) {
    String shown = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    return "'" + shown.replaceAll("\\p{C}", "?") + "'";
  }

  /** What a module's refusal says to the client. */
  public static String message(ToolException refusal) {
    String message = refusal.getMessage();
    return message == null ? "The request cannot be done" : message;
  }
}
