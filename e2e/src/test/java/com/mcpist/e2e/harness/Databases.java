package com.mcpist.e2e.harness;

import com.mcpist.testkit.PostgresServer;

/** Addresses of databases. */
public final class Databases {
  private Databases() {}

  /**
   * Returns the DATABASE_URL that goes with a MIGRATION_DATABASE_URL of the superuser. Both have
   * the same password, if there is one.
   */
  public static String ofOrigins(String owner) {
    return owner.replaceFirst(
        "//" + PostgresServer.USER + "(?=[:@])", "//" + PostgresServer.ORIGIN_USER);
  }
}
