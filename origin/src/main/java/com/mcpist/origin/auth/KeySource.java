package com.mcpist.origin.auth;

import java.sql.SQLException;
import java.util.Optional;

/** Where API keys are. */
@FunctionalInterface
interface KeySource {
  /**
   * Whose the key with this digest is, as it is now; empty where it is unknown, expired or revoked.
   * Blocks for some seconds at most.
   */
  Optional<String> user(String digest) throws SQLException;
}
