package com.mcpist.origin.db;

/** The database's schema has moved on to where this release cannot follow. */
public final class IncompatibleSchemaException extends UnusableDatabaseException {
  private static final long serialVersionUID = 1L;

  IncompatibleSchemaException(SchemaVersion found, int known) {
    super(
        "The database's schema is version "
            + found.version()
            + ", which needs a release that knows version "
            + found.oldestUsable()
            + " or later; this release knows version "
            + known
            + ". Start a newer release.");
  }
}
