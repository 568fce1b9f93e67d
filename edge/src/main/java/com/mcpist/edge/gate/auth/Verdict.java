package com.mcpist.edge.gate.auth;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The result of the check of a request's Authorization. */
public sealed interface Verdict {
  record Admitted(Caller caller) implements Verdict {}

  record Refused(Reason reason) implements Verdict {}

  enum Reason {
    UNAUTHENTICATED("", ""),
    /** The header does not have exactly one Bearer token. The tokens in it are not looked at. */
    MALFORMED(
        "invalid_request", "A token is taken once, as Authorization: Bearer, and from no query"),
    /** The credential is no key and no token of the issuer's, or is forged. */
    INVALID("invalid_token", "The key or token is not valid"),
    EXPIRED("invalid_token", "The token has expired"),
    WRONG_AUDIENCE("invalid_token", "The token is not for this server"),
    INSUFFICIENT_SCOPE("insufficient_scope", "The token lacks a scope"),
    /** The issuer's keys have never been had, so a token cannot be checked. */
    UNAVAILABLE("", "");

    private final String error;
    private final String description;

    Reason(String error, String description) {
      this.error = error;
      this.description = description;
    }

    /** Returns the error code as RFC 6750 names it. */
    public String error() {
      return error;
    }

    /** Returns the value of error_description. */
    public String description() {
      return description;
    }
  }

  /**
   * The caller of a request.
   *
   * @param userId the name that an origin is told: a user, or for an API key, which only an origin
   *     can look up, {@code key:} and the beginning of the key's digest
   * @param passesAuthorization true if the origin gets the client's Authorization
   * @param key the digest of the API key, as {@link Credentials#digest} has it; null for a caller
   *     without one
   */
  record Caller(String userId, boolean passesAuthorization, @Nullable String key) {
    /** The operator: a caller without authentication, and the edge itself. */
    public static final Caller LOCAL = new Caller("local", true, null);

    private static final String KEY_PREFIX = "key:";

    /**
     * The number of digits of a key's digest in the name of its holder. So many digits tell keys
     * apart.
     */
    private static final int DIGITS_OF_A_KEY = 16;

    private static final Pattern USER = Pattern.compile("[!-~]{1,255}");

    /** Returns the holder of the key with this digest. */
    static Caller ofKey(String digest) {
      return new Caller(KEY_PREFIX + digest.substring(0, DIGITS_OF_A_KEY), true, digest);
    }

    /**
     * Returns the subject of a token. The token is not passed on, since it was made for this server
     * and no other.
     */
    static Caller ofToken(String subject) {
      return new Caller(subject, false, null);
    }

    /** Returns true if only an origin can tell whether there is such a user. */
    public boolean isKey() {
      return key != null;
    }

    /**
     * Returns true if an issuer's subject may be a user, and not a name that has a meaning here.
     */
    static boolean maybe(String subject) {
      return USER.matcher(subject).matches()
          && !subject.equals(LOCAL.userId())
          && !subject.startsWith(KEY_PREFIX);
    }
  }
}
