package com.mcpist.origin.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tells who calls. In production an edge has looked, and says so in X-User-Id, which is believed
 * because the request carries the gateway secret; API keys alone are looked up here. In
 * development, where nobody asks for a secret, what is not an API key is the operator's.
 */
public final class Access {
  /** The operator: who calls without authentication. */
  public static final String OPERATOR = "local";

  /** What a user's name may be. */
  public static final Pattern USER = Pattern.compile("[!-~]{1,255}");

  /** What a user's name must not begin with: an edge writes so that it has passed a key on. */
  public static final String KEY_USER = "key:";

  /** How many hexadecimal digits of a key's digest an edge shows after that. */
  public static final int SHOWN_DIGITS = 16;

  private static final String SCHEME = "Bearer ";

  private final boolean edge;
  private final KeyUsers keys;

  private Access(boolean edge, KeyUsers keys) {
    this.edge = edge;
    this.keys = keys;
  }

  /** For requests that have shown the gateway secret. */
  public static Access byEdge(KeyUsers keys) {
    return new Access(true, keys);
  }

  /** For a developer's own machine. */
  public static Access development(KeyUsers keys) {
    return new Access(false, keys);
  }

  /**
   * Who a request says that it is of. Does not block.
   *
   * @param userIds the values of its X-User-Id headers
   * @param authorization those of its Authorization headers
   */
  public Caller caller(List<String> userIds, List<String> authorization) throws RefusedException {
    return edge ? asTheEdgeSays(userIds, authorization) : withoutAnEdge(authorization);
  }

  private static Caller asTheEdgeSays(List<String> userIds, List<String> authorization)
      throws RefusedException {
    if (userIds.size() != 1 || !USER.matcher(userIds.getFirst()).matches()) {
      throw RefusedException.unauthenticated();
    }
    String user = userIds.getFirst();
    if (!user.startsWith(KEY_USER)) {
      return new Caller.Known(user);
    }
    String digest =
        bearer(authorization).flatMap(ApiKey::digest).orElseThrow(RefusedException::invalidToken);
    byte[] shown = ascii(KEY_USER + digest.substring(0, SHOWN_DIGITS));
    if (!MessageDigest.isEqual(shown, ascii(user))) {
      throw RefusedException.invalidToken();
    }
    return new Caller.Holder(digest);
  }

  private static Caller withoutAnEdge(List<String> authorization) throws RefusedException {
    Optional<String> key = bearer(authorization).filter(t -> t.startsWith(ApiKey.PREFIX));
    if (key.isEmpty()) {
      return new Caller.Known(OPERATOR);
    }
    return new Caller.Holder(
        key.flatMap(ApiKey::digest).orElseThrow(RefusedException::invalidToken));
  }

  /** The user. Blocks for two seconds at most where a key is to be looked up. */
  public String user(Caller caller) throws RefusedException {
    return switch (caller) {
      case Caller.Known known -> known.user();
      case Caller.Holder holder ->
          keys.user(holder.digest()).orElseThrow(RefusedException::invalidToken);
    };
  }

  /** The token of a request with exactly these values of Authorization. */
  public static Optional<String> bearer(List<String> authorization) {
    if (authorization.size() != 1
        || !authorization.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    return Optional.of(authorization.getFirst().substring(SCHEME.length()));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Who a request says that it is of. */
  public sealed interface Caller {
    /** A user whom an edge has recognised, or the operator. */
    record Known(String user) implements Caller {}

    /**
     * Who has this API key.
     *
     * @param digest its SHA-256 in lower-case hex
     */
    record Holder(String digest) implements Caller {}
  }

  /** Whose an API key is. */
  @FunctionalInterface
  public interface KeyUsers {
    /**
     * The user of the key with this digest; empty where it is unknown, expired or revoked. Blocks
     * for two seconds at most.
     *
     * @param digest SHA-256 in lower-case hex
     * @throws RefusedException when nobody can say
     */
    Optional<String> user(String digest) throws RefusedException;
  }
}
