package com.mcpist.origin.mcp;

import com.mcpist.module.Invocation;
import com.mcpist.module.Question;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells from a request which revision of MCP it speaks, and whether it does so properly. Both eras
 * share one path: a request is modern when its _meta names a revision, or its header names a modern
 * one. Mcp-Method tells nothing, since legacy clients send it too.
 */
public final class Negotiation {
  public static final String VERSION_HEADER = "MCP-Protocol-Version";
  public static final String SESSION_HEADER = "Mcp-Session-Id";
  private static final String PREFIX = "io.modelcontextprotocol/";
  static final String VERSION = PREFIX + "protocolVersion";
  static final String CAPABILITIES = PREFIX + "clientCapabilities";
  static final String LOG_LEVEL = PREFIX + "logLevel";

  private Negotiation() {}

  /** Throws RpcException when the request does not say it as its revision demands. */
  public static Client of(Message.Request request, Exchange.Headers headers) throws RpcException {
    String header = headers.get(VERSION_HEADER);
    ObjectNode meta = request.meta();
    JsonNode named = meta.get(VERSION);
    boolean modernHeader =
        header != null && ProtocolVersion.of(header).filter(ProtocolVersion::modern).isPresent();
    if (named == null && !modernHeader) {
      return new Client(legacy(header), agreed(headers), Invocation.LogLevel.INFO);
    }
    if (named == null || !named.isString()) {
      throw RpcException.badParams("_meta must have " + VERSION + ", a string");
    }
    return modern(named.asString(), header, request, headers);
  }

  /**
   * The revision of a POST whose messages do not name one. Throws RpcException when the header
   * names one that is not served.
   */
  public static ProtocolVersion legacy(@Nullable String header) throws RpcException {
    if (header == null) {
      return ProtocolVersion.V2025_03_26; // The header came with the next one.
    }
    return ProtocolVersion.of(header).orElseThrow(() -> unsupported(header));
  }

  private static Client modern(
      String named, @Nullable String header, Message.Request request, Exchange.Headers headers)
      throws RpcException {
    ObjectNode meta = request.meta();
    if (!(meta.get(CAPABILITIES) instanceof ObjectNode capabilities)) {
      throw RpcException.badParams("_meta must have " + CAPABILITIES + ", an object");
    }
    if (!named.equals(header)) {
      throw RpcException.headerMismatch(
          VERSION_HEADER + " must be the same as _meta's protocolVersion");
    }
    ProtocolVersion version = ProtocolVersion.of(named).orElseThrow(() -> unsupported(named));
    if (!version.modern()) {
      return new Client(version, agreed(headers), Invocation.LogLevel.INFO);
    }
    MirroredHeaders.checkStandard(request, headers);
    return new Client(version, answerable(capabilities), logLevel(meta.get(LOG_LEVEL)));
  }

  private static RpcException unsupported(String requested) {
    ObjectNode data = Json.object();
    data.set("supported", ProtocolVersion.supported());
    data.put("requested", requested);
    return new RpcException(
        RpcException.UNSUPPORTED_VERSION, 400, "Unsupported protocol version", data);
  }

  /** What a client that declares these capabilities can be asked. */
  static Set<Question.Kind> answerable(JsonNode capabilities) {
    EnumSet<Question.Kind> kinds = EnumSet.noneOf(Question.Kind.class);
    if (capabilities.get("elicitation") instanceof ObjectNode forms) {
      if (forms.has("form") || !forms.has("url")) {
        kinds.add(Question.Kind.ELICITATION);
      }
      if (forms.has("url")) {
        kinds.add(Question.Kind.URL_ELICITATION);
      }
    }
    if (capabilities.has("sampling")) {
      kinds.add(Question.Kind.SAMPLING);
    }
    if (capabilities.has("roots")) {
      kinds.add(Question.Kind.ROOTS);
    }
    return kinds;
  }

  /**
   * An id by which any origin knows what the client can be asked. Clients of revisions before
   * 2026-07-28 say it once; nothing is kept of it here.
   */
  static String session(Set<Question.Kind> answerable) {
    return answerable.stream().map(Negotiation::wire).collect(Collectors.joining("."))
        + "."
        + UUID.randomUUID();
  }

  private static Set<Question.Kind> agreed(Exchange.Headers headers) {
    String session = headers.get(SESSION_HEADER);
    List<String> named = session == null ? List.of() : List.of(session.split("\\.", 9));
    return Arrays.stream(Question.Kind.values())
        .filter(kind -> named.contains(wire(kind)))
        .collect(Collectors.toSet());
  }

  private static String wire(Question.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static Invocation.@Nullable LogLevel logLevel(@Nullable JsonNode named)
      throws RpcException {
    if (named == null) {
      return null;
    }
    return level(named)
        .orElseThrow(() -> RpcException.badParams(LOG_LEVEL + " is not a log level"));
  }

  public static Optional<Invocation.LogLevel> level(JsonNode named) {
    return Arrays.stream(Invocation.LogLevel.values())
        .filter(l -> named.isString() && wire(l).equals(named.asString()))
        .findFirst();
  }

  public static String wire(Invocation.LogLevel level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Who sent a request, as far as the request tells; the log level is the least that the client
   * wants to hear, null for none at all.
   */
  public record Client(
      ProtocolVersion version,
      Set<Question.Kind> answerable,
      Invocation.@Nullable LogLevel logLevel) {
    public boolean hears(Invocation.LogLevel level) {
      return logLevel != null && level.compareTo(logLevel) >= 0;
    }
  }
}
