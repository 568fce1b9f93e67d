package com.mcpist.origin.db;

/** A database with which this process must not go on. The message says what to do. */
public abstract class UnusableDatabaseException extends Exception {
  private static final long serialVersionUID = 1L;

  UnusableDatabaseException(String message) {
    super(message);
  }
}
