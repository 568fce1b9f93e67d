package com.mcpist.origin.db;

/** The role that calls would run as has rights beyond the rows of its callers. */
public final class ExcessiveRightsException extends UnusableDatabaseException {
  private static final long serialVersionUID = 1L;

  ExcessiveRightsException(String role, String rights, boolean alone) {
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
