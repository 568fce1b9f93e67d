package com.mcpist.origin.mcp.wire;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a request's params, whose shape is the client's choice until it has been checked. */
public final class Params {
  private Params() {}

  public static String string(ObjectNode params, String name) throws RpcException {
    JsonNode value = params.get(name);
    if (value == null || !value.isString()) {
      throw RpcException.invalidParams(name + " must be a string");
    }
    return value.asString();
  }

  /** An object, empty where there is none; what is there must be one. */
  public static ObjectNode object(ObjectNode params, String name) throws RpcException {
    JsonNode value = params.get(name);
    if (value == null) {
      return Json.object();
    }
    if (value instanceof ObjectNode object) {
      return object;
    }
    throw RpcException.invalidParams(name + " must be an object");
  }

  /** An object of strings, empty where there is none. */
  public static ObjectNode strings(ObjectNode params, String name) throws RpcException {
    ObjectNode values = object(params, name);
    for (var entry : values.properties()) {
      if (!entry.getValue().isString()) {
        throw RpcException.invalidParams(name + ": every value must be a string");
      }
    }
    return values;
  }
}
