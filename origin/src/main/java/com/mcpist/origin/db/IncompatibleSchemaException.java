package com.mcpist.origin.db;

/** A database's schema with which this release cannot work. */
public final class IncompatibleSchemaException extends UnusableDatabaseException {
  private static final long serialVersionUID = 1L;

  private IncompatibleSchemaException(String message) {
    super(message);
  }

  /** It has moved on to where a release that knows this version cannot follow. */
  static IncompatibleSchemaException tooNew(SchemaState state, int known) {
    return new IncompatibleSchemaException(
        "The database's schema is version %d, which needs a release that knows version %d or later; this release knows version %d. Start a newer release."
            .formatted(state.version(), state.oldestUsable(), known));
  }

  /** A migration of this release was not applied when it should have been. */
  static IncompatibleSchemaException notApplied(SchemaState state, String file) {
    return new IncompatibleSchemaException(
        "The database's schema is version %1$d, and the migration %2$s of this release was not applied to it as it is now. Give a new migration a number above %1$d, and leave one that was applied as it was; a database that another program's migrations made needs that program, or give this release an empty one."
            .formatted(state.version(), file));
  }
}
