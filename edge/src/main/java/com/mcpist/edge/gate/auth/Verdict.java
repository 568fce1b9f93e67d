package com.mcpist.edge.gate.auth;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the Authorization of a request is found to be. */
public sealed interface Verdict {
  record Admitted(Caller caller) implements Verdict {}

  record Refused(Reason reason) implements Verdict {}

  enum Reason {
    UNAUTHENTICATED("", ""),
    /** It is not one Bearer token in the header: what it would be worth is not looked at. */
    MALFORMED(
        "invalid_request", "A token is taken once, as Authorization: Bearer, and from no query"),
    /** It is no key and no token of the issuer's, or a forged one. */
    INVALID("invalid_token", "The key or token is not valid"),
    EXPIRED("invalid_token", "The token has expired"),
    WRONG_AUDIENCE("invalid_token", "The token is not for this server"),
    INSUFFICIENT_SCOPE("insufficient_scope", "The token lacks a scope"),
    /** The issuer's keys have never been had, so it cannot be told. */
    UNAVAILABLE("", "");

    private final String error;
    private final String description;

    Reason(String error, String description) {
      this.error = error;
      this.description = description;
    }

    /** As RFC 6750 names it. */
    public String error() {
      return error;
    }

    /** The error_description. */
    public String description() {
      return description;
    }
  }

  /**
   * Who calls.
   *
   * @param userId what an origin is told: a user, or for an API key, which only an origin can look
   *     up, {@code key:} and the beginning of its digest
   * @param passesAuthorization whether the origin gets the client's Authorization
   * @param credential the digest of the key or token, as {@link Credentials#digest} has it; null
   *     where nobody is asked for one
   */
  record Caller(String userId, boolean passesAuthorization, @Nullable String credential) {
    /** The operator: who is not asked, and the edge itself. */
    public static final Caller LOCAL = new Caller("local", true, null);

    private static final String KEY_PREFIX = "key:";

    /** Of a key's digest in the name of its holder: they tell keys apart. */
    private static final int DIGITS_OF_A_KEY = 16;

    private static final Pattern USER = Pattern.compile("[!-~]{1,255}");

    /** The holder of the key with this digest. */
    static Caller ofKey(String digest) {
      return new Caller(KEY_PREFIX + digest.substring(0, DIGITS_OF_A_KEY), true, digest);
    }

    /** The subject of a token, which stays here: it was made for this server and no other. */
    static Caller ofToken(String subject, String digest) {
      return new Caller(subject, false, digest);
    }

    /** Whether only an origin can tell if there is such a user. */
    public boolean isKey() {
      return userId.startsWith(KEY_PREFIX);
    }

    /** Whether an issuer's subject may be a user: not one of those that have a meaning here. */
    static boolean maybe(String subject) {
      return USER.matcher(subject).matches()
          && !subject.equals(LOCAL.userId())
          && !subject.startsWith(KEY_PREFIX);
    }
  }
}
