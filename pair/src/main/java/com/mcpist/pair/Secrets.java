package com.mcpist.pair;

import com.mcpist.pair.database.Passwords;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * What the programs of one pair know each other by: new at each start, and in memory only.
 *
 * @param gateway what origins are asked with
 * @param admin for the origins' /api/admin
 * @param edgeAdmin for the edge's admin listener
 * @param database the password of the pair's own, for its owner
 * @param originDatabase the same, for the role that origins run as
 */
record Secrets(
    String gateway, String admin, String edgeAdmin, String database, String originDatabase) {
  private static final int BYTES = 32;

  static Secrets generate(SecureRandom random) {
    return new Secrets(token(random), token(random), token(random), token(random), token(random));
  }

  /** Of the pair's own database. */
  Passwords passwords() {
    return new Passwords(database, originDatabase);
  }

  private static String token(SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Never the values. */
  @Override
  public String toString() {
    return "Secrets[…]";
  }
}
