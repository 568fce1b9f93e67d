package com.mcpist.deploy.config;

import com.mcpist.deploy.image.ImageReference;
import java.net.Inet4Address;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of value that mcpist.yml has. Each says what it wants when it gets something else. */
final class Values {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})(B|KiB|MiB)?");
  private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,60}[a-z0-9])?");
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,127}");
  private static final Pattern SSH_HOST =
      Pattern.compile("(ssh://)?(\\w[\\w.-]*@)?[A-Za-z0-9\\[][\\w.:\\[\\]-]*");
  private static final Pattern LISTEN = Pattern.compile("([0-9.]{7,15}):([1-9][0-9]{0,4})");
  private static final Pattern DOMAIN =
      Pattern.compile("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}");
  private static final Pattern ACCOUNT = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]*");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private Values() {}

  /** More than nothing, a day at most. */
  static Duration duration(String text) throws WrongValueException {
    Duration duration =
        Durations.parse(text)
            .orElseThrow(
                () ->
                    wrong("must be a duration such as 500ms, 30s, 5m or 1h, not \"" + text + "\""));
    if (duration.isZero() || duration.compareTo(Duration.ofDays(1)) > 0) {
      throw wrong("must be more than 0 and not more than 24h, not " + text);
    }
    return duration;
  }

  /** Bytes: 1 to 1 GiB. */
  static long size(String text) throws WrongValueException {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw wrong("must be a number of bytes, or such as 512KiB or 4MiB, not \"" + text + "\"");
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
      throw wrong("must be 1 to 1024MiB, not " + text);
    }
    return bytes;
  }

  static YamlMap.Reader<Integer> integer(int least, int most) {
    return text -> {
      try {
        int value = Integer.parseInt(text);
        if (value >= least && value <= most) {
          return value;
        }
      } catch (NumberFormatException _) {
        // Said below.
      }
      throw wrong(
          "must be a whole number from " + least + " to " + most + ", not \"" + text + "\"");
    };
  }

  static String name(String text) throws WrongValueException {
    if (!NAME.matcher(text).matches()) {
      throw wrong(
          "must be lower-case letters, digits and hyphens, starting with a letter, not \""
              + text
              + "\"");
    }
    return text;
  }

  /** As a platform names its things. */
  static String id(String text) throws WrongValueException {
    if (!ID.matcher(text).matches()) {
      throw wrong("must be letters, digits, hyphens and underscores, not \"" + text + "\"");
    }
    return text;
  }

  /** What ssh takes as its destination: not an option of it, and nothing for a shell. */
  static String sshHost(String text) throws WrongValueException {
    if (!SSH_HOST.matcher(text).matches()) {
      throw wrong(
          "must be what ssh calls the host, such as deploy@server.example.com,"
              + " ssh://deploy@server:2222 or a name of ~/.ssh/config, not \""
              + text
              + "\"");
    }
    return text;
  }

  /** An address and a port that has another one after it. */
  static Hosting.Ssh.Listen listen(String text) throws WrongValueException {
    Matcher listen = LISTEN.matcher(text);
    if (listen.matches()) {
      int port = Integer.parseInt(listen.group(2));
      if (port < 65_535 && isIpv4(listen.group(1))) {
        return new Hosting.Ssh.Listen(listen.group(1), port);
      }
    }
    throw wrong(
        "must be an IPv4 address and a port below 65535, such as 127.0.0.1:8000, not \""
            + text
            + "\"");
  }

  private static boolean isIpv4(String text) {
    try {
      return Inet4Address.ofLiteral(text).getHostAddress().equals(text);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  static String text(String text) throws WrongValueException {
    if (text.isBlank()) {
      throw wrong("must not be empty");
    }
    return text;
  }

  static String path(String text) throws WrongValueException {
    if (!text.matches("/[A-Za-z0-9._~/-]*")) {
      throw wrong("must be a path such as /health, not \"" + text + "\"");
    }
    return text;
  }

  static String domain(String text) throws WrongValueException {
    if (!DOMAIN.matcher(text).matches()) {
      throw wrong(
          "must be a host name such as mcp.example.com, without https:// and path, not \""
              + text
              + "\"");
    }
    return text;
  }

  /** As Cloudflare names accounts. */
  static String account(String text) throws WrongValueException {
    if (!ACCOUNT.matcher(text).matches()) {
      throw wrong("must be an account's id, 32 digits of 0-9 and a-f, not \"" + text + "\"");
    }
    return text;
  }

  static ImageReference image(String text) throws WrongValueException {
    try {
      return ImageReference.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong("must be an image: " + e.getMessage());
    }
  }

  /** An address without user, path, query and fragment; http on this machine only. */
  static String url(String text) throws WrongValueException {
    Optional<URI> uri = address(text);
    if (uri.isEmpty()) {
      throw wrong(
          "must be an address such as https://name.example.com, without a path, not \""
              + text
              + "\"");
    }
    if (uri.get().getScheme().equals("http") && !isLoopback(uri.get().getHost())) {
      throw wrong(
          "must start with https://, not http://: calls carry the gateway secret. Only localhost"
              + " may do without");
    }
    return text;
  }

  /** Whether a host is this machine by its name, however names are resolved. */
  static boolean isLoopback(String host) {
    return LOOPBACK.contains(host);
  }

  private static Optional<URI> address(String text) {
    try {
      URI uri = URI.create(text);
      boolean right =
          ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null
              && uri.getRawPath().isEmpty();
      return right ? Optional.of(uri) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  static boolean bool(String text) throws WrongValueException {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong("must be true or false, not \"" + text + "\"");
    };
  }

  static boolean isVariable(String text) {
    return VARIABLE.matcher(text).matches();
  }

  /**
   * The name of a variable; what stands there instead may be the secret itself, and is not told.
   */
  static String secretVariable(String text) throws WrongValueException {
    if (!isVariable(text)) {
      throw wrong(
          "must be the name of an environment variable, such as SLACK_WEBHOOK_URL, and never the"
              + " secret itself");
    }
    return text;
  }

  /** One of an enum's constants, written in lower case. */
  static <E extends Enum<E>> YamlMap.Reader<E> oneOf(Class<E> type) {
    return text -> {
      for (E constant : type.getEnumConstants()) {
        if (constant.name().toLowerCase(Locale.ROOT).equals(text)) {
          return constant;
        }
      }
      Set<String> names = names(type);
      throw wrong(
          "must be %s, not \"%s\".%s"
              .formatted(String.join(" or ", names), text, Spelling.hint(text, names)));
    };
  }

  /** One of some words. */
  static YamlMap.Reader<String> oneOf(Set<String> words) {
    return text -> {
      if (words.contains(text)) {
        return text;
      }
      throw wrong(
          "must be %s, not \"%s\".%s"
              .formatted(String.join(" or ", words), text, Spelling.hint(text, words)));
    };
  }

  /** An enum's constants as they are written. */
  static <E extends Enum<E>> Set<String> names(Class<E> type) {
    Set<String> names = new java.util.LinkedHashSet<>();
    for (E constant : type.getEnumConstants()) {
      names.add(constant.name().toLowerCase(Locale.ROOT));
    }
    return names;
  }

  private static WrongValueException wrong(String message) {
    return new WrongValueException(message);
  }
}
