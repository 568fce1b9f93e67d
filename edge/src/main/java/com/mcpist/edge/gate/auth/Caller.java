package com.mcpist.edge.gate.auth;

import java.util.regex.Pattern;

/**
 * Who calls.
 *
 * @param userId what an origin is told: a user, or for an API key, which only an origin can look
 *     up, {@code key:} and the beginning of its digest
 * @param passesAuthorization whether the origin gets the client's Authorization
 */
public record Caller(String userId, boolean passesAuthorization) {
  /** The operator: who is not asked, and the edge itself. */
  public static final Caller LOCAL = new Caller("local", true);

  private static final String KEY_PREFIX = "key:";
  private static final Pattern USER = Pattern.compile("[!-~]{1,255}");

  /** The holder of an API key. */
  static Caller ofKey(String digest) {
    return new Caller(KEY_PREFIX + digest, true);
  }

  /** The subject of a token, which stays here: it was made for this server and no other. */
  static Caller ofToken(String subject) {
    return new Caller(subject, false);
  }

  /** Whether an issuer's subject may be a user: not one of those that have a meaning here. */
  static boolean maybe(String subject) {
    return USER.matcher(subject).matches()
        && !subject.equals(LOCAL.userId())
        && !subject.startsWith(KEY_PREFIX);
  }
}
