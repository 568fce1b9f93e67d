package com.mcpist.cli.mount;

import module java.base;

import com.mcpist.deploy.config.Mounts;

/**
 * Secrets that stand in plain where mounts.json would have them. They are kept elsewhere, by names
 * to which it refers.
 *
 * @param taken variables that have a value already
 * @param found those of this command
 */
record PlainSecrets(Map<String, String> taken, Map<String, String> found) {
  private static final Pattern SECRET =
      Pattern.compile("(?i).*(TOKEN|KEY|SECRET|PASSWORD|AUTHORIZATION).*");
  private static final Pattern SCHEME = Pattern.compile("(?i)((?:Bearer|Basic|Token) +)?(.*)");

  PlainSecrets(Map<String, String> taken) {
    this(Map.copyOf(taken), new TreeMap<>());
  }

  /** What mounts.json has as the value of a server's environment variable. */
  String variable(String mount, String name, String value) {
    return isPlain(name, value) ? reference(name, mount + "_" + name, value) : value;
  }

  /** What mounts.json has as the value of a header. */
  String header(String mount, String name, String value) {
    Matcher parts = SCHEME.matcher(value);
    if (!isPlain(name, value) || !parts.matches()) {
      return value;
    }
    String own = mount + "_" + name;
    return Objects.requireNonNullElse(parts.group(1), "") + reference(own, own, parts.group(2));
  }

  private static boolean isPlain(String name, String value) {
    return SECRET.matcher(name).matches() && !value.isEmpty() && !value.contains("${");
  }

  /** By the first name, unless that is another's. */
  private String reference(String name, String other, String value) {
    String variable = upper(name);
    Map<String, String> known = new HashMap<>(taken);
    known.putAll(found);
    if (!Mounts.mayReferTo(variable) || !known.getOrDefault(variable, value).equals(value)) {
      variable = upper(other);
    }
    found.put(variable, value);
    return "${" + variable + "}";
  }

  private static String upper(String name) {
    return name.toUpperCase(Locale.ROOT)
        .replaceAll("[^A-Z0-9_]", "_")
        .replaceAll("^(?=[^A-Z])", "X");
  }

  /** Never the values. */
  @Override
  public String toString() {
    return "PlainSecrets" + found.keySet();
  }
}
