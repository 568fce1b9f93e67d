package com.mcpist.origin;

/** A setting with which the origin does not start. The message names it, and never its value. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String variable;

  ConfigException(String variable, String problem) {
    super(variable + " " + problem);
    this.variable = variable;
  }

  /** The environment variable's name. */
  public String variable() {
    return variable;
  }
}
