package com.mcpist.pair.database;

/**
 * The passwords of a pair's own database: letters and digits, 16 or more.
 *
 * @param owner of the superuser, who owns the tables
 * @param origin of the role that origins run as
 */
public record Passwords(String owner, String origin) {
  /**
   * Takes them.
   *
   * @throws IllegalArgumentException when one is of anything else
   */
  public Passwords {
    if (!owner.matches("[A-Za-z0-9]{16,}") || !origin.matches("[A-Za-z0-9]{16,}")) {
      throw new IllegalArgumentException("the passwords must be letters and digits");
    }
  }

  /** Never the values. */
  @Override
  public String toString() {
    return "Passwords[…]";
  }
}
