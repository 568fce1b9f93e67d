package com.mcpist.origin.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Tells who calls. In production an edge has looked, and says so in X-User-Id, which is believed
 * because the request carries the gateway secret; API keys alone are looked up here. In
 * development, where nobody asks for a secret, what is not an API key is the operator's.
 */
public final class Access {
  /** The operator: who calls without authentication. */
  public static final String OPERATOR = "local";

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

  public static Access development(KeyUsers keys) {
    return new Access(false, keys);
  }

  /** Who a request is of, by all its X-User-Id and Authorization headers. Does not block. */
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

  public sealed interface Caller {
    /** A user whom an edge has recognised, or the operator. */
    record Known(String user) implements Caller {}

    /** Who has the API key of this digest, SHA-256 in lower-case hex. */
    record Holder(String digest) implements Caller {}
  }

  @FunctionalInterface
  public interface KeyUsers {
    /**
     * The user of the key with this digest, SHA-256 in lower-case hex; empty where it is unknown,
     * expired or revoked. Blocks for two seconds at most. RefusedException: nobody can say.
     */
    Optional<String> user(String digest) throws RefusedException;
  }

  /** An API key: {@code mcpist_}, 256 bits in base64url, and a checksum in base62. */
  static final class ApiKey {
    static final String PREFIX = "mcpist_";

    private static final Pattern FORM = Pattern.compile("mcpist_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}");
    private static final int CHECKSUM_LENGTH = 6;
    private static final String DIGITS =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private ApiKey() {}

    /** SHA-256 of the key in lower-case hex; empty where the text is no key. */
    static Optional<String> digest(String text) {
      if (!FORM.matcher(text).matches()) {
        return Optional.empty();
      }
      int end = text.length() - CHECKSUM_LENGTH;
      if (!checksum(text.substring(0, end)).equals(text.substring(end))) {
        return Optional.empty();
      }
      try {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        return Optional.of(
            HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.US_ASCII))));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("The JDK has no SHA-256", e);
      }
    }

    /** CRC32, as in other services' tokens; it finds typing errors and is no secret. */
    private static String checksum(String text) {
      CRC32 crc = new CRC32();
      crc.update(text.getBytes(StandardCharsets.US_ASCII));
      char[] digits = new char[CHECKSUM_LENGTH];
      long rest = crc.getValue();
      for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
        digits[i] = DIGITS.charAt((int) (rest % DIGITS.length()));
        rest /= DIGITS.length();
      }
      return new String(digits);
    }
  }
}
