package com.mcpist.deploy.config;

import com.mcpist.deploy.config.YamlMap.Scalar;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of value that mcpist.yml has. Each says what it wants when it gets something else. */
final class Values {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})(B|KiB|MiB)?");
  private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,60}[a-z0-9])?");

  private Values() {}

  /** More than nothing, a day at most. */
  static Duration duration(Scalar scalar) throws ConfigException {
    Matcher matcher = DURATION.matcher(scalar.text());
    if (!matcher.matches()) {
      throw scalar.wrong(
          "must be a duration such as 500ms, 30s, 5m or 1h, not \"" + scalar.text() + "\"");
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        };
    if (duration.isZero() || duration.compareTo(Duration.ofDays(1)) > 0) {
      throw scalar.wrong("must be more than 0 and not more than 24h, not " + scalar.text());
    }
    return duration;
  }

  /** Bytes: 1 to 1 GiB. */
  static long size(Scalar scalar) throws ConfigException {
    Matcher matcher = SIZE.matcher(scalar.text());
    if (!matcher.matches()) {
      throw scalar.wrong(
          "must be a number of bytes, or such as 512KiB or 4MiB, not \"" + scalar.text() + "\"");
    }
    String unit = Optional.ofNullable(matcher.group(2)).orElse("B");
    long factor =
        switch (unit) {
          case "KiB" -> 1024;
          case "MiB" -> 1024 * 1024;
          default -> 1;
        };
    long bytes = Long.parseLong(matcher.group(1)) * factor;
    if (bytes < 1 || bytes > 1 << 30) {
      throw scalar.wrong("must be 1 to 1024MiB, not " + scalar.text());
    }
    return bytes;
  }

  static int integer(Scalar scalar, int least, int most) throws ConfigException {
    try {
      int value = Integer.parseInt(scalar.text());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw scalar.wrong(
        "must be a whole number from " + least + " to " + most + ", not \"" + scalar.text() + "\"");
  }

  static String name(Scalar scalar) throws ConfigException {
    if (!NAME.matcher(scalar.text()).matches()) {
      throw scalar.wrong(
          "must be lower-case letters, digits and hyphens, starting with a letter, not \""
              + scalar.text()
              + "\"");
    }
    return scalar.text();
  }

  static String text(Scalar scalar) throws ConfigException {
    if (scalar.text().isBlank()) {
      throw scalar.wrong("must not be empty");
    }
    return scalar.text();
  }

  static String path(Scalar scalar) throws ConfigException {
    if (!scalar.text().matches("/[A-Za-z0-9._~/-]*")) {
      throw scalar.wrong("must be a path such as /health, not \"" + scalar.text() + "\"");
    }
    return scalar.text();
  }

  /** An http or https address without user, path, query and fragment. */
  static String url(Scalar scalar) throws ConfigException {
    if (!isOrigin(scalar.text())) {
      throw scalar.wrong(
          "must be an address such as https://name.example.com, without a path, not \""
              + scalar.text()
              + "\"");
    }
    return scalar.text();
  }

  private static boolean isOrigin(String text) {
    try {
      URI uri = URI.create(text);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getRawPath().isEmpty();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
