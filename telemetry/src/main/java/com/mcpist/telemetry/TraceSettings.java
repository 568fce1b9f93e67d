package com.mcpist.telemetry;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** OpenTelemetry's variables of an environment; none: it is off. Prints without their values. */
public record TraceSettings(Map<String, String> variables) {
  public static final TraceSettings OFF = new TraceSettings(Map.of());

  private static final String PROTOCOL = "http/protobuf";

  /** An address of another machine to which all is sent in clear text. */
  private static final Pattern PLAIN =
      Pattern.compile(
          "http://(?!(127\\.0\\.0\\.1|localhost|\\[::1])([:/?]|$))", Pattern.CASE_INSENSITIVE);

  public TraceSettings {
    variables = Map.copyOf(variables);
  }

  /**
   * Reads an environment. An empty variable is one that is not set.
   *
   * @throws IllegalArgumentException with the name of the variable that is wrong, and no value
   */
  public static TraceSettings of(Map<String, String> environment) {
    Map<String, String> own = new HashMap<>(environment);
    own.entrySet().removeIf(e -> !e.getKey().startsWith("OTEL_") || e.getValue().isBlank());
    boolean addressed =
        own.containsKey("OTEL_EXPORTER_OTLP_ENDPOINT")
            || own.containsKey("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    if (!addressed
        || "true".equalsIgnoreCase(own.get("OTEL_SDK_DISABLED"))
        || "none".equals(own.get("OTEL_TRACES_EXPORTER"))) {
      return OFF;
    }
    String protocol = own.getOrDefault("OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOL);
    if (!own.getOrDefault("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", protocol).equals(PROTOCOL)) {
      throw new IllegalArgumentException(
          "OTEL_EXPORTER_OTLP_PROTOCOL must be " + PROTOCOL + ", or not set");
    }
    boolean headers =
        own.containsKey("OTEL_EXPORTER_OTLP_HEADERS")
            || own.containsKey("OTEL_EXPORTER_OTLP_TRACES_HEADERS");
    String address =
        own.getOrDefault(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            own.getOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT", ""));
    if (headers && PLAIN.matcher(address.strip()).lookingAt()) {
      throw new IllegalArgumentException(
          "OTEL_EXPORTER_OTLP_ENDPOINT must begin with https://, or be on this machine, where"
              + " OTEL_EXPORTER_OTLP_HEADERS is set: headers are secrets");
    }
    own.put("OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOL);
    return new TraceSettings(own);
  }

  public boolean on() {
    return !variables.isEmpty();
  }

  @Override
  public String toString() {
    return "TraceSettings" + variables.keySet();
  }
}
