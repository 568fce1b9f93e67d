package com.mcpist.cli;

import com.mcpist.cli.console.Terminal;

/** What a command shows on a terminal, escapes included. */
public record Screen(String command, String text) {
  public static final Terminal TERMINAL = new Terminal(true, true, true);

  /** Of a command's words. */
  public static Screen of(String words, String text) {
    return new Screen("mcpist " + words, text);
  }
}
