package com.mcpist.pair.database;

import java.util.UUID;

/**
 * The passwords of a pair's own database: letters and digits, 16 or more.
 *
 * @param owner of the superuser, who owns the tables
 * @param origin of the role that origins run as
 */
record Passwords(String owner, String origin) {
  /** New ones. */
  static Passwords generate() {
    // Two random UUIDs without their hyphens have 244 random bits.
    return new Passwords(random() + random(), random() + random());
  }

  private static String random() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  /** Never the values. */
  @Override
  public String toString() {
    return "Passwords[…]";
  }
}
