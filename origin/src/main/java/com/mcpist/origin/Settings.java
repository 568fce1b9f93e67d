package com.mcpist.origin;

import com.mcpist.origin.db.DatabaseUrl;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads environment variables by their kind. An empty one is one that is not set. */
final class Settings {
  private static final int LONGEST_TEXT = 128;

  private final Map<String, String> environment;

  Settings(Map<String, String> environment) {
    this.environment = environment;
  }

  Optional<String> raw(String name) {
    return Optional.ofNullable(environment.get(name)).filter(v -> !v.isEmpty());
  }

  /** A line of text. */
  String text(String name, String otherwise) throws ConfigException {
    String value = raw(name).orElse(otherwise);
    if (value.length() > LONGEST_TEXT || value.chars().anyMatch(Character::isISOControl)) {
      throw new ConfigException(
          name, "must be one line of at most " + LONGEST_TEXT + " characters");
    }
    return value;
  }

  int number(String name, int otherwise, int least, int most) throws ConfigException {
    Optional<String> value = raw(name);
    if (value.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(value.get());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new ConfigException(name, "must be a number from " + least + " to " + most);
  }

  boolean flag(String name) throws ConfigException {
    String value = raw(name).orElse("false");
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new ConfigException(name, "must be true or false");
    };
  }

  Optional<URI> httpUrl(String name) throws ConfigException {
    Optional<String> value = raw(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI uri = new URI(value.get());
      if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
          && uri.getHost() != null) {
        return Optional.of(uri);
      }
    } catch (URISyntaxException e) {
      // Said below, without the value.
    }
    throw new ConfigException(name, "must be a URL that starts with https:// or http://");
  }

  DatabaseUrl database(String name, String url) throws ConfigException {
    try {
      return DatabaseUrl.parse(url);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(name, "is " + e.getMessage());
    }
  }

  Optional<Secret> secret(String name, int shortest) throws ConfigException {
    Optional<String> value = raw(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(secret(name, value.get(), shortest));
  }

  /** Several, separated by commas; empty when it is not set. */
  List<Secret> secrets(String name, int shortest) throws ConfigException {
    List<Secret> secrets = new ArrayList<>();
    if (raw(name).isPresent()) {
      for (String value : raw(name).get().split(",", -1)) {
        secrets.add(secret(name, value, shortest));
      }
    }
    return secrets;
  }

  private static Secret secret(String name, String value, int shortest) throws ConfigException {
    if (value.isEmpty()) {
      throw new ConfigException(name, "has an empty value among its values");
    }
    if (value.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new ConfigException(
          name, "contains a space, a line break, or a character that is not ASCII");
    }
    if (value.length() < shortest) {
      throw new ConfigException(name, "must have at least " + shortest + " characters");
    }
    return new Secret(value);
  }
}
