package com.mcpist.deploy.config;

/** A value is not what its key wants. The message goes on from the key: "must be …". */
final class WrongValueException extends Exception {
  private static final long serialVersionUID = 1;

  WrongValueException(String message) {
    super(message);
  }
}
