package com.mcpist.origin.db;

import com.mcpist.database.UntrustedServerException;

/** A database with which this process must not go on. The message says what to do. */
public abstract class UnusableDatabaseException extends Exception {
  private static final long serialVersionUID = 1L;

  UnusableDatabaseException(String message) {
    super(message);
  }

  /** The role that calls would run as has rights beyond the rows of its callers. */
  public static final class ExcessiveRights extends UnusableDatabaseException {
    private static final long serialVersionUID = 1L;

    ExcessiveRights(String role, String rights, boolean alone) {
      super(
          "DATABASE_URL's role "
              + role
              + " "
              + rights
              + ". A mistake in a query would show one user's rows to another. "
              + (alone
                  ? "Set MIGRATION_DATABASE_URL to this address, and DATABASE_URL to the same with"
                      + " another user, as mcpist, and a new password: that role is made by itself."
                  : "Set DATABASE_URL to the same address with another user, as mcpist, and a new"
                      + " password: that role is made by itself."));
    }
  }

  /** A database's schema with which this release cannot work. */
  public static final class IncompatibleSchema extends UnusableDatabaseException {
    private static final long serialVersionUID = 1L;

    private IncompatibleSchema(String message) {
      super(message);
    }

    /** It has moved on to where a release that knows this version cannot follow. */
    static IncompatibleSchema tooNew(String schema, int version, int oldestUsable, int known) {
      return new IncompatibleSchema(
          "%s is version %d, which needs a release that knows version %d or later; this release knows version %d. Start a newer release."
              .formatted(schema, version, oldestUsable, known));
    }

    /** A migration of this release was not applied when it should have been. */
    static IncompatibleSchema notApplied(String schema, int version, String file) {
      return new IncompatibleSchema(
          "%3$s is version %1$d, and the migration %2$s of this release was not applied to it as it is now. Give a new migration a number above %1$d, and leave one that was applied as it was; a database that another program's migrations made needs that program, or give this release an empty one."
              .formatted(version, file, schema));
    }

    /** A module's migration has a mistake. */
    static IncompatibleSchema failed(String module, String file, String why) {
      return new IncompatibleSchema(
          "The migration %s of the module %s failed and changed nothing: %s"
              .formatted(file, module, why));
    }
  }

  /** Whoever answers is not shown to be the database. */
  public static final class Untrusted extends UnusableDatabaseException {
    private static final long serialVersionUID = 1L;

    Untrusted(UntrustedServerException failure) {
      super(String.valueOf(failure.getMessage()));
    }
  }
}
