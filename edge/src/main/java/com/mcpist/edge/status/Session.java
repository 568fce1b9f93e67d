package com.mcpist.edge.status;

import com.mcpist.edge.gate.AdminToken;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The session that a browser has instead of the admin token. It is a cookie that tells until when
 * it is valid, and that only a holder of the token can sign. Nothing is kept, so each edge with the
 * same token accepts the cookie.
 */
record Session(AdminToken token, InstantSource clock) {
  static final String COOKIE = "mcpist-status";

  private static final Duration LASTS = Duration.ofHours(12);
  private static final Pattern VALUE = Pattern.compile("([0-9]{1,12})\\.([A-Za-z0-9_-]{43})");
  private static final String ATTRIBUTES = "; Path=/status; HttpOnly; SameSite=Strict";

  /**
   * Returns the value of a Set-Cookie header that begins a session. {@code secure} is true if the
   * cookie is only for https.
   */
  String begin(boolean secure) {
    String until = Long.toString(clock.instant().plus(LASTS).getEpochSecond());
    return setCookie(until + "." + signature(until), LASTS, secure);
  }

  /** Returns the value of a Set-Cookie header that takes the cookie away. */
  static String end(boolean secure) {
    return setCookie("", Duration.ZERO, secure);
  }

  private static String setCookie(String value, Duration lasts, boolean secure) {
    return COOKIE
        + "="
        + value
        + "; Max-Age="
        + lasts.toSeconds()
        + ATTRIBUTES
        + (secure ? "; Secure" : "");
  }

  /** Returns the time until which the cookie admits; empty if it does not admit. */
  Optional<Instant> until(@Nullable String cookie) {
    Matcher matcher = VALUE.matcher(cookie == null ? "" : cookie);
    if (!matcher.matches() || !isSame(matcher.group(2), signature(matcher.group(1)))) {
      return Optional.empty();
    }
    return Optional.of(Instant.ofEpochSecond(Long.parseLong(matcher.group(1))))
        .filter(clock.instant()::isBefore);
  }

  private String signature(String until) {
    return token.sign("mcpist status page, until " + until);
  }

  private static boolean isSame(String given, String right) {
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.US_ASCII), right.getBytes(StandardCharsets.US_ASCII));
  }
}
