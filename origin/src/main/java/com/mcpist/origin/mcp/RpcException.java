package com.mcpist.origin.mcp;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A request that is answered with a JSON-RPC error. */
public final class RpcException extends Exception {
  private static final long serialVersionUID = 1L;

  public static final int PARSE_ERROR = -32700;
  static final int INVALID_REQUEST = -32600;
  static final int METHOD_NOT_FOUND = -32601;
  public static final int INVALID_PARAMS = -32602;
  public static final int INTERNAL_ERROR = -32603;
  public static final int RESOURCE_NOT_FOUND = -32002;
  public static final int HEADER_MISMATCH = -32020;
  public static final int MISSING_CAPABILITY = -32021;
  public static final int UNSUPPORTED_VERSION = -32022;

  static final String KEY_FORM = " must be 1 to 255 visible ASCII characters";

  private static final int LONGEST_SHOWN = 100;

  private final int code;
  private final int status;
  private final transient @Nullable JsonNode data;

  /** By JSON-RPC's or MCP's code and HTTP's status; the data is more for programs, or null. */
  public RpcException(int code, int status, String message, @Nullable JsonNode data) {
    super(message, null, false, false);
    this.code = code;
    this.status = status;
    this.data = data;
  }

  static RpcException parseError(String message) {
    return new RpcException(PARSE_ERROR, 400, message, null);
  }

  public static RpcException invalidRequest(String message) {
    return new RpcException(INVALID_REQUEST, 400, message, null);
  }

  /** The request itself is wrong: what every server must refuse. */
  public static RpcException badParams(String message) {
    return new RpcException(INVALID_PARAMS, 400, message, null);
  }

  /** The request is well-formed, and names something that is not there or does not fit. */
  public static RpcException invalidParams(String message) {
    return new RpcException(INVALID_PARAMS, 200, message, null);
  }

  public static RpcException headerMismatch(String message) {
    return new RpcException(HEADER_MISMATCH, 400, message, null);
  }

  public static RpcException methodNotFound(String method, ProtocolVersion version) {
    String message = "There is no method " + quoted(method) + " in " + version.wire();
    return new RpcException(METHOD_NOT_FOUND, version.modern() ? 404 : 200, message, null);
  }

  /**
   * What a client sent, made fit for an answer and a log line: in quotation marks, cut to a hundred
   * characters, without control characters.
   */
  static String quoted(String text) {
    String shown = text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
    return "'" + shown.replaceAll("\\p{C}", "?") + "'";
  }

  public int code() {
    return code;
  }

  public int status() {
    return status;
  }

  public @Nullable JsonNode data() {
    return data;
  }
}
