package com.mcpist.origin.mcp;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What each method of each era answers. */
public record Methods(ServerInfo server, Catalog catalog, ModuleMethods modules) {
  /** How long clients may keep a list: a new release changes it at most this late. */
  private static final int LIST_TTL_MILLIS = 60_000;

  private static final String SERVER_INFO = "io.modelcontextprotocol/serverInfo";

  /**
   * The result of a request.
   *
   * @throws RpcException for an error that the client is told of
   * @throws Exception as the module's code or its runner threw it
   */
  ObjectNode result(Call call) throws Exception {
    if (!call.client().version().modern()) {
      return legacy(call);
    }
    ObjectNode result = modern(call);
    if (!result.has("resultType")) {
      result.put("resultType", "complete");
    }
    result.putObject("_meta").set(SERVER_INFO, serverInfo());
    return result;
  }

  private ObjectNode modern(Call call) throws Exception {
    return switch (call.request().method()) {
      case "server/discover" -> cacheable(discovered(), LIST_TTL_MILLIS, "public");
      case "tools/list", "prompts/list", "resources/list", "resources/templates/list" ->
          cacheable(both(call), LIST_TTL_MILLIS, "public");
      case "resources/read" -> {
        ObjectNode read = both(call);
        // A request for input has nothing to keep.
        yield read.has("contents") ? cacheable(read, 0, "private") : read;
      }
      default -> both(call);
    };
  }

  private ObjectNode legacy(Call call) throws Exception {
    return switch (call.request().method()) {
      case "initialize" -> initialized(call.request().params());
      case "ping" -> Json.object();
      case "logging/setLevel" -> levelSet(call.request().params());
      default -> both(call);
    };
  }

  private ObjectNode both(Call call) throws Exception {
    ObjectNode params = call.request().params();
    String method = call.request().method();
    if (!offered(method)) {
      throw RpcException.methodNotFound(method, call.client().version());
    }
    return switch (method) {
      case "tools/list" -> catalog.toolList.page(params);
      case "prompts/list" -> catalog.promptList.page(params);
      case "resources/list" -> catalog.resourceList.page(params);
      case "resources/templates/list" -> catalog.templateList.page(params);
      case "tools/call" -> modules.tool(call);
      case "prompts/get" -> modules.prompt(call);
      case "resources/read" -> modules.resource(call);
      case "completion/complete" -> modules.completion(call);
      default -> throw RpcException.methodNotFound(method, call.client().version());
    };
  }

  /** What capabilities do not promise, clients are not to find. */
  private boolean offered(String method) {
    return switch (method) {
      case "prompts/list", "prompts/get" -> catalog.offersPrompts();
      case "resources/list", "resources/templates/list", "resources/read" ->
          catalog.offersResources();
      case "completion/complete" -> catalog.offersCompletions();
      default -> true;
    };
  }

  private static ObjectNode cacheable(ObjectNode result, int ttlMillis, String scope) {
    return result.put("ttlMs", ttlMillis).put("cacheScope", scope);
  }

  private ObjectNode discovered() {
    ObjectNode result = Json.object();
    result.set("supportedVersions", ProtocolVersion.supported());
    result.set("capabilities", capabilities());
    return result.put("instructions", server.instructions());
  }

  private ObjectNode initialized(ObjectNode params) throws RpcException {
    String asked = Json.string(params, "protocolVersion");
    ProtocolVersion version =
        ProtocolVersion.of(asked).filter(v -> !v.modern()).orElse(ProtocolVersion.newestLegacy());
    ObjectNode result = Json.object().put("protocolVersion", version.wire());
    result.set("capabilities", capabilities());
    result.set("serverInfo", serverInfo());
    return result.put("instructions", server.instructions());
  }

  /** Without a session there is nothing to set: calls send messages from INFO upwards. */
  private static ObjectNode levelSet(ObjectNode params) throws RpcException {
    JsonNode level = params.path("level");
    if (Negotiation.level(level).isEmpty()) {
      throw RpcException.invalidParams("level must be one of MCP's log levels");
    }
    return Json.object();
  }

  private ObjectNode capabilities() {
    ObjectNode capabilities = Json.object();
    capabilities.putObject("tools");
    capabilities.putObject("logging");
    if (catalog.offersPrompts()) {
      capabilities.putObject("prompts");
    }
    if (catalog.offersResources()) {
      capabilities.putObject("resources");
    }
    if (catalog.offersCompletions()) {
      capabilities.putObject("completions");
    }
    return capabilities;
  }

  private ObjectNode serverInfo() {
    return Json.object()
        .put("name", server.name())
        .put("title", server.title())
        .put("version", server.version());
  }

  /**
   * What clients are told of this server: MCP's name of the implementation, a title for people, the
   * release, and instructions for the client's model on how to use the tools.
   */
  public record ServerInfo(String name, String title, String version, String instructions) {}
}
