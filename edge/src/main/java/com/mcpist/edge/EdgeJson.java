package com.mcpist.edge;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/** EDGE_CONFIG as it is written; null: absent. */
record EdgeJson(
    @Nullable String host,
    @Nullable Integer port,
    @Nullable Integer adminPort,
    @Nullable List<@Nullable String> allowedHosts,
    @Nullable List<@Nullable OriginJson> origins,
    @Nullable MonitorJson monitor,
    @Nullable ForwardingJson edge,
    @Nullable JsonNode auth,
    @Nullable JsonNode limits) {

  record OriginJson(
      @Nullable String name,
      @Nullable String url,
      @Nullable Boolean plaintext,
      @Nullable Boolean drained) {}

  record MonitorJson(
      @Nullable String path,
      @Nullable Double intervalSeconds,
      @Nullable Double timeoutSeconds,
      @Nullable Integer retries,
      @Nullable Integer consecutiveDown,
      @Nullable Integer consecutiveUp,
      @Nullable String expectedBody,
      @Nullable Integer expectedCode) {}

  record ForwardingJson(
      @Nullable Double waitSeconds,
      @Nullable Integer connectTimeoutMillis,
      @Nullable Integer idleTimeoutMillis,
      @Nullable Integer maxBodyBytes,
      @Nullable String replay,
      @Nullable Double holdDownSeconds,
      @Nullable Double holdDownMaxSeconds,
      @Nullable Double failureWindowSeconds) {}

  record AuthJson(@Nullable String resource, @Nullable Boolean keys, @Nullable JwtJson jwt) {}

  record JwtJson(
      @Nullable String issuer,
      @Nullable String jwks,
      @Nullable String audience,
      @Nullable List<@Nullable String> scopes) {}

  record LimitsJson(
      @Nullable Integer addressPerMinute,
      @Nullable Integer userPerSecond,
      @Nullable Integer userBurst,
      @Nullable List<@Nullable String> trustedProxies) {}

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              c ->
                  c.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .build();

  /**
   * @throws ConfigException naming the field
   */
  static EdgeJson parse(String json) {
    try {
      EdgeJson parsed = MAPPER.readValue(json, EdgeJson.class);
      if (parsed == null) {
        throw new ConfigException("EDGE_CONFIG: must be a JSON object");
      }
      return parsed;
    } catch (JacksonException e) {
      throw new ConfigException("EDGE_CONFIG: " + plain(e));
    }
  }

  /**
   * Reads {@code auth} or {@code limits}, where that is an object.
   *
   * @throws ConfigException naming the field
   */
  static <T> T part(String field, JsonNode node, Class<T> type) {
    try {
      return MAPPER.treeToValue(node, type);
    } catch (JacksonException e) {
      throw new ConfigException("EDGE_CONFIG: " + field + "." + plain(e));
    }
  }

  // The library's own messages name classes, and quote what may be a misplaced secret.
  private static String plain(JacksonException e) {
    return switch (e) {
      case UnrecognizedPropertyException _ -> path(e) + ": unknown field";
      case InputCoercionException _ -> path(e) + ": malformed value";
      case StreamReadException _ ->
          "malformed JSON at line %d, column %d"
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      case DatabindException _ when e.getPath().isEmpty() -> "must be a JSON object";
      default -> path(e) + ": malformed value";
    };
  }

  private static String path(JacksonException e) {
    return e.getPath().stream()
        .map(
            step ->
                step.getPropertyName() == null
                    ? "[" + step.getIndex() + "]"
                    : "." + step.getPropertyName())
        .collect(Collectors.joining())
        .replaceFirst("^\\.", "");
  }
}
