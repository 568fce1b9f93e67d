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
 * What a browser has instead of the admin token: a cookie that tells until when it is valid, and
 * that only who has the token can sign. Nothing is kept, so each edge with the same token takes it.
 */
record Session(AdminToken token, InstantSource clock) {
  static final String COOKIE = "mcpist-status";

  private static final Duration LASTS = Duration.ofHours(12);
  private static final Pattern VALUE = Pattern.compile("([0-9]{1,12})\\.([A-Za-z0-9_-]{43})");
  private static final String ATTRIBUTES = "; Path=/status; HttpOnly; SameSite=Strict";

  /** A Set-Cookie header's value; {@code secure}: only for https. */
  String begin(boolean secure) {
    String until = Long.toString(clock.instant().plus(LASTS).getEpochSecond());
    return setCookie(until + "." + signature(until), LASTS, secure);
  }

  /** The one that takes the cookie away. */
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

  /** Until when it admits; empty: it does not. */
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
