package com.mcpist.cli;

import picocli.CommandLine.ExitCode;

/** A command ends without success; the message is one plain line for a person. */
final class Failure extends Exception {
  private static final long serialVersionUID = 1;

  private final int code;

  private Failure(String message, int code) {
    super(message);
    this.code = code;
  }

  /** The check or the action failed. */
  static Failure failed(String message) {
    return new Failure(message, ExitCode.SOFTWARE);
  }

  /** Wrong usage or configuration. */
  static Failure usage(String message) {
    return new Failure(message, ExitCode.USAGE);
  }

  int code() {
    return code;
  }
}
