package com.mcpist.origin.mcp;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A request that is answered with a JSON-RPC error. */
final class RpcException extends Exception {
  private static final long serialVersionUID = 1L;

  static final int PARSE_ERROR = -32700;
  static final int INVALID_REQUEST = -32600;
  static final int METHOD_NOT_FOUND = -32601;
  static final int INVALID_PARAMS = -32602;
  static final int INTERNAL_ERROR = -32603;
  static final int RESOURCE_NOT_FOUND = -32002;
  static final int HEADER_MISMATCH = -32020;
  static final int MISSING_CAPABILITY = -32021;
  static final int UNSUPPORTED_VERSION = -32022;

  private final int code;
  private final int status;
  private final transient @Nullable JsonNode data;

  /**
   * An error.
   *
   * @param code JSON-RPC's or MCP's
   * @param status HTTP's
   * @param message a plain sentence for the client
   * @param data more for programs, or null
   */
  RpcException(int code, int status, String message, @Nullable JsonNode data) {
    super(message, null, false, false);
    this.code = code;
    this.status = status;
    this.data = data;
  }

  static RpcException parseError(String message) {
    return new RpcException(PARSE_ERROR, 400, message, null);
  }

  static RpcException invalidRequest(String message) {
    return new RpcException(INVALID_REQUEST, 400, message, null);
  }

  /** The request itself is wrong: what every server must refuse. */
  static RpcException badParams(String message) {
    return new RpcException(INVALID_PARAMS, 400, message, null);
  }

  /** The request is well-formed, and names something that is not there or does not fit. */
  static RpcException invalidParams(String message) {
    return new RpcException(INVALID_PARAMS, 200, message, null);
  }

  static RpcException headerMismatch(String message) {
    return new RpcException(HEADER_MISMATCH, 400, message, null);
  }

  static RpcException methodNotFound(String method, ProtocolVersion version) {
    String message = "There is no method " + Text.quoted(method) + " in " + version.wire();
    return new RpcException(METHOD_NOT_FOUND, version.modern() ? 404 : 200, message, null);
  }

  int code() {
    return code;
  }

  int status() {
    return status;
  }

  /** MCP's Error object. */
  ObjectNode toJson() {
    ObjectNode error = Json.object().put("code", code).put("message", getMessage());
    if (data != null) {
      error.set("data", data);
    }
    return error;
  }
}
