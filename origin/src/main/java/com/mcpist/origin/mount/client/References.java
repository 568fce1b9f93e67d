package com.mcpist.origin.mount.client;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * References to variables of the origin's environment: {@code ${NAME}}, {@code ${NAME:-default}},
 * and for a mount with a copy for each user {@code ${NAME_{user}}}.
 */
public final class References {
  private static final String USER = "{user}";
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*(?:\\{user})?)(?::-([^}]*))?}");

  /** What every process has, and nobody keeps secret. */
  private static final Set<String> INHERITED =
      Set.of(
          "PATH",
          "HOME",
          "LANG",
          "TZ",
          "TMPDIR",
          "USER",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "NODE_EXTRA_CA_CERTS");

  /** The origin's own: no server may have them. */
  private static final Set<String> OWN =
      Set.of(
          "ADMIN_TOKEN",
          "ALERTS",
          "AUDIT_FILE",
          "BILLING",
          "DATABASE_POOL_SIZE",
          "DATABASE_URL",
          "ENVIRONMENT",
          "GATEWAY_SECRET",
          "HOST",
          "IMAGE_DIGEST",
          "INSTANCE",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "LIMITS",
          "LOG_FORMAT",
          "LOG_PREFIX",
          "MCPIST_SUPERVISED",
          "MIGRATION_DATABASE_URL",
          "MOUNTS",
          Containment.HIDDEN,
          "OTEL_EXPORTER_OTLP_HEADERS",
          "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
          "PORT",
          "RELEASE",
          "STRIPE_SECRET_KEY",
          "STRIPE_WEBHOOK_SECRET");

  private References() {}

  /** What is wrong with the references of a text, continued from its place; empty: nothing. */
  static String problem(String text, boolean perUser) {
    String problem =
        REFERENCE
            .matcher(text)
            .results()
            .map(reference -> reference.group(1))
            .map(name -> problemOfName(name, perUser))
            .collect(Collectors.joining());
    boolean strange = REFERENCE.matcher(text).replaceAll("").contains("${");
    return strange ? "must have references as ${NAME} or ${NAME:-default}" : problem;
  }

  private static String problemOfName(String name, boolean perUser) {
    if (OWN.contains(name)) {
      return "must not refer to " + name + ", which is a setting of the origin";
    }
    return name.endsWith(USER) && !perUser ? "must have per_user to refer to " + name : "";
  }

  /**
   * The values of the references in the texts, by their names as written, and the variables that
   * every process has.
   *
   * @throws MountException of kind NOT_SENT: one is not set, and has no default
   */
  static Map<String, String> resolve(
      Collection<String> texts, Map<String, String> environment, String user)
      throws MountException {
    Map<String, String> values = inherited(environment);
    for (String text : texts) {
      Matcher reference = REFERENCE.matcher(text);
      while (reference.find()) {
        String name = reference.group(1);
        String variable = name.replace(USER, variable(user));
        String value = OWN.contains(variable) ? null : environment.get(variable);
        if (value != null && !value.isEmpty()) {
          values.put(name, value);
        } else if (reference.group(2) == null) {
          throw MountException.notSent("the variable " + variable + " is not set");
        }
      }
    }
    return values;
  }

  /** A user as a part of a variable's name, which is no other user's. */
  private static String variable(String user) {
    StringBuilder name = new StringBuilder();
    for (byte b : user.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');
      name.append(plain ? "%C".formatted(b) : "_%02X".formatted(b));
    }
    return name.toString();
  }

  /** The user of whom this is a part of a variable's name. */
  public static String user(String part) {
    return Pattern.compile("_([0-9a-f]{2})")
        .matcher(part.toLowerCase(Locale.ROOT))
        .replaceAll(
            m -> Matcher.quoteReplacement(Character.toString(HexFormat.fromHexDigits(m.group(1)))));
  }

  static Map<String, String> inherited(Map<String, String> variables) {
    Map<String, String> inherited = new HashMap<>(variables);
    inherited.keySet().retainAll(INHERITED);
    return inherited;
  }

  /** The values that nobody may see. */
  static Collection<String> secrets(Map<String, String> variables) {
    Map<String, String> secrets = new HashMap<>(variables);
    secrets.keySet().removeAll(INHERITED);
    return secrets.values();
  }

  static String fill(String text, Map<String, String> variables) {
    return REFERENCE
        .matcher(text)
        .replaceAll(
            reference -> {
              String otherwise = reference.group(2) == null ? "" : reference.group(2);
              return Matcher.quoteReplacement(
                  variables.getOrDefault(reference.group(1), otherwise));
            });
  }
}
