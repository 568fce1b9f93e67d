package com.mcpist.deploy.secrets;

import com.mcpist.deploy.secret.Secret;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The one source of the values: GitHub's secrets, which a workflow hands on as variables of the
 * environment. Prints no value.
 */
public record Source(Map<String, String> environment) {
  /** What follows a secret's name in that of the value that is to replace it. */
  public static final String NEXT = "_NEXT";

  /** Of what must be random. */
  private static final int SHORTEST = 32;

  public static String next(String name) {
    return name + NEXT;
  }

  /**
   * A value, where there is one.
   *
   * @throws SecretsException where it is none that could be used
   */
  public Optional<Secret> find(String name) throws SecretsException {
    String value = environment.getOrDefault(name, "");
    String problem = value.isEmpty() ? "" : problem(name, value);
    if (!problem.isEmpty()) {
      throw new SecretsException(problem);
    }
    return value.isEmpty() ? Optional.empty() : Optional.of(Secret.of(value));
  }

  /**
   * All of these.
   *
   * @throws SecretsException naming every one that is missing or could not be used
   */
  Map<String, Secret> values(Collection<String> names) throws SecretsException {
    Map<String, Secret> values = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    for (String name : names) {
      String value = environment.getOrDefault(name, "");
      String problem =
          value.isEmpty()
              ? name
                  + " is empty or not set. Set it in GitHub's secrets and hand it on in the"
                  + " workflow, or take it out of mcpist.yml"
              : problem(name, value);
      if (problem.isEmpty()) {
        values.put(name, Secret.of(value));
      } else {
        problems.add(problem);
      }
    }
    if (!problems.isEmpty()) {
      throw new SecretsException(String.join("; ", problems));
    }
    return values;
  }

  /** Why a value cannot be used; empty where it can. */
  static String problem(String name, String value) {
    if (value.chars().anyMatch(c -> c == '\n' || c == '\r')) {
      return name + " has a line break: set it again, in one line and without one at its end";
    }
    if (!value.equals(value.strip())) {
      return name + " has a blank before or after it: set it again without";
    }
    if (value.chars().anyMatch(Character::isISOControl)) {
      return name + " has a control character in it: set it again";
    }
    String replaced = name.endsWith(NEXT) ? name.substring(0, name.length() - NEXT.length()) : name;
    if (SecretNames.isRandom(replaced) && value.length() < SHORTEST) {
      return "%s is too short: %d characters, and it needs %d at least"
          .formatted(name, value.length(), SHORTEST);
    }
    if (SecretNames.isShown(replaced) && !value.matches("[\\x21-\\x2b\\x2d-\\x7e]+")) {
      return name
          + " has a comma, a blank or a character that is not ASCII in it: it travels in a header,"
          + " where a comma stands between two values";
    }
    return "";
  }

  @Override
  public String toString() {
    return "Source";
  }
}
