package com.mcpist.deploy.config;

/** mcpist.yml cannot be used. The message is one line: file and line, what is wrong, the mend. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  private final int line;

  /**
   * @param line counted from 1; 0 where the whole file is meant
   * @param problem what is wrong and how to mend it
   */
  public ConfigException(String file, int line, String problem) {
    super(line == 0 ? file + ": " + problem : file + ":" + line + ": " + problem);
    this.line = line;
  }

  /** The line, counted from 1; 0 where the whole file is meant. */
  public int line() {
    return line;
  }
}
