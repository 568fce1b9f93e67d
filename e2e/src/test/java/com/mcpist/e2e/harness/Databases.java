package com.mcpist.e2e.harness;

import com.mcpist.testkit.PostgresServer;

/** Addresses of databases. */
public final class Databases {
  private Databases() {}

  /** DATABASE_URL where this, of a superuser without a password, is MIGRATION_DATABASE_URL. */
  public static String ofOrigins(String owner) {
    return owner.replace("//" + PostgresServer.USER + "@", "//" + PostgresServer.ORIGIN_USER + "@");
  }
}
