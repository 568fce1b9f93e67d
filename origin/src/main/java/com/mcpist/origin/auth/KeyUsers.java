package com.mcpist.origin.auth;

import java.util.Optional;

/** Whose an API key is. */
@FunctionalInterface
public interface KeyUsers {
  /**
   * The user of the key with this digest; empty where it is unknown, expired or revoked. Blocks for
   * two seconds at most.
   *
   * @param digest SHA-256 in lower-case hex
   * @throws RefusedException when nobody can say
   */
  Optional<String> user(String digest) throws RefusedException;
}
