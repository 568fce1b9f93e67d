package com.mcpist.origin.db;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** The key of request states, which the first origin that looks for it makes for all. */
final class StateKeyTable {
  private static final int KEY_BYTES = 32;

  private StateKeyTable() {}

  /** The key, by a connection with autocommit on. */
  static SecretKey read(Connection connection) throws SQLException {
    Optional<SecretKey> there = find(connection);
    if (there.isPresent()) {
      return there.get();
    }
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into request_state_key (key) values (?) on conflict do nothing")) {
      insert.setBytes(1, random);
      insert.executeUpdate();
    }
    // Another origin's, where that was quicker.
    return find(connection)
        .orElseThrow(() -> new SQLException("The key of request states is gone"));
  }

  private static Optional<SecretKey> find(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("select key from request_state_key");
        ResultSet row = select.executeQuery()) {
      return row.next()
          ? Optional.of(new SecretKeySpec(row.getBytes(1), "HmacSHA256"))
          : Optional.empty();
    }
  }
}
