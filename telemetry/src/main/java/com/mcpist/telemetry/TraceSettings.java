package com.mcpist.telemetry;

import java.util.HashMap;
import java.util.Map;

/** OpenTelemetry's variables of an environment; none: it is off. Prints without their values. */
public record TraceSettings(Map<String, String> variables) {
  public static final TraceSettings OFF = new TraceSettings(Map.of());

  private static final String PROTOCOL = "http/protobuf";

  public TraceSettings {
    variables = Map.copyOf(variables);
  }

  /**
   * Reads an environment. An empty variable is one that is not set.
   *
   * @throws IllegalArgumentException continued from OTEL_EXPORTER_OTLP_PROTOCOL
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
      throw new IllegalArgumentException("must be " + PROTOCOL + ", or not set");
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
