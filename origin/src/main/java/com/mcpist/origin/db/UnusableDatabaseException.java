package com.mcpist.origin.db;

/** A database with which this process must not go on. The message says what to do. */
public abstract sealed class UnusableDatabaseException extends Exception
    permits IncompatibleSchemaException, ExcessiveRightsException {
  private static final long serialVersionUID = 1L;

  UnusableDatabaseException(String message) {
    super(message);
  }
}
