package com.mcpist.origin.mcp;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Headers that repeat a part of the body for those on the way who do not read it, as some
 * parameters of a tool: they must say the same, or the two could be made to decide differently.
 */
public record MirroredHeaders(List<Param> params) {
  private static final String BASE64_START = "=?base64?";
  private static final String BASE64_END = "?=";
  private static final Pattern PLAIN = Pattern.compile("[!-~](?:[ -~]*[!-~])?");

  /** One parameter: the header's name, and the names that lead to it in the arguments. */
  record Param(String header, List<String> path) {
    JsonNode of(ObjectNode arguments) {
      JsonNode value = arguments;
      for (String name : path) {
        value = value.path(name);
      }
      return value;
    }
  }

  /** Checks Mcp-Method and Mcp-Name. Throws RpcException: a header mismatch. */
  static void checkStandard(Message.Request request, Exchange.Headers headers) throws RpcException {
    if (!request.method().equals(headers.get("Mcp-Method"))) {
      throw RpcException.headerMismatch("Mcp-Method must be the same as the body's method");
    }
    String field =
        switch (request.method()) {
          case "tools/call", "prompts/get" -> "name";
          case "resources/read" -> "uri";
          default -> null;
        };
    if (field == null) {
      return;
    }
    JsonNode body = request.params().get(field);
    String header = headers.get("Mcp-Name");
    if (header == null
        || body == null
        || !body.isString()
        || !decoded(header).equals(body.asString())) {
      throw RpcException.headerMismatch("Mcp-Name must be the same as the body's " + field);
    }
  }

  /** Finds the parameters that a tool's input schema marks with x-mcp-header. */
  public static MirroredHeaders of(JsonNode inputSchema) {
    List<Param> params = new ArrayList<>();
    collect(inputSchema, List.of(), params);
    long names = params.stream().map(p -> p.header().toLowerCase(Locale.ROOT)).distinct().count();
    if (names != params.size()) {
      throw new IllegalArgumentException("Two parameters have the same x-mcp-header");
    }
    return new MirroredHeaders(List.copyOf(params));
  }

  /** Returns true if there are at most so many headers, and no name is longer. */
  public boolean isWithin(int headers, int characters) {
    return params.size() <= headers
        && params.stream()
            .flatMap(param -> Stream.concat(Stream.of(param.header()), param.path().stream()))
            .allMatch(name -> name.length() <= characters);
  }

  private static void collect(JsonNode schema, List<String> path, List<Param> params) {
    for (var property : schema.path("properties").properties()) {
      List<String> here = new ArrayList<>(path);
      here.add(property.getKey());
      JsonNode mark = property.getValue().get("x-mcp-header");
      if (mark != null) {
        params.add(new Param("Mcp-Param-" + mark.asString(), List.copyOf(here)));
      }
      collect(property.getValue(), here, params);
    }
  }

  /** Throws RpcException: a header mismatch. */
  public void check(ObjectNode arguments, Exchange.Headers headers) throws RpcException {
    for (Param param : params) {
      JsonNode value = param.of(arguments);
      boolean absent = value.isMissingNode() || value.isNull();
      String header = headers.get(param.header());
      boolean same =
          header == null ? absent : !absent && value.isValueNode() && same(decoded(header), value);
      if (!same) {
        throw RpcException.headerMismatch(
            param.header() + " must be the same as the argument " + String.join(".", param.path()));
      }
    }
  }

  /** The headers with which a client sends these arguments. */
  public Map<String, String> headers(ObjectNode arguments) {
    Map<String, String> headers = new HashMap<>();
    for (Param param : params) {
      JsonNode value = param.of(arguments);
      if (value.isValueNode() && !value.isNull()) {
        headers.put(param.header(), encoded(value.asString()));
      }
    }
    return headers;
  }

  /** A text as the value of a header: as it is, or in base64. */
  public static String encoded(String text) {
    if (PLAIN.matcher(text).matches() && !text.startsWith(BASE64_START)) {
      return text;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return BASE64_START + Base64.getEncoder().encodeToString(bytes) + BASE64_END;
  }

  private static boolean same(String header, JsonNode value) {
    if (!value.isNumber()) {
      return header.equals(value.asString());
    }
    return number(header)
        .filter(n -> isFinite(value) && n.compareTo(value.decimalValue()) == 0)
        .isPresent();
  }

  /** What is beyond a double's range was read as infinity, and is no longer what was sent. */
  private static boolean isFinite(JsonNode number) {
    return number.isIntegralNumber() || Double.isFinite(number.doubleValue());
  }

  private static Optional<BigDecimal> number(String text) {
    try {
      return text.length() > Json.MAX_NUMBER_LENGTH
          ? Optional.empty()
          : Optional.of(new BigDecimal(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String decoded(String header) throws RpcException {
    if (!header.startsWith(BASE64_START) || !header.endsWith(BASE64_END)) {
      if (!header.chars().allMatch(c -> c == '\t' || (c >= 0x20 && c <= 0x7e))) {
        throw RpcException.headerMismatch("A header has characters that must be in base64");
      }
      return header;
    }
    String text = unwrapped(header);
    if (text == null) {
      throw RpcException.headerMismatch("A header is not UTF-8 in base64 as it says it is");
    }
    return text;
  }

  private static @Nullable String unwrapped(String header) {
    int end = header.length() - BASE64_END.length();
    // Java's decoder takes base64 without its padding, which the specification does not allow.
    if (end < BASE64_START.length() || (end - BASE64_START.length()) % 4 != 0) {
      return null;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(header.substring(BASE64_START.length(), end));
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return null;
    }
  }
}
