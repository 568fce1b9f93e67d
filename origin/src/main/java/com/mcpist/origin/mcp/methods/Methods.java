package com.mcpist.origin.mcp.methods;

import com.mcpist.origin.mcp.negotiation.Negotiation;
import com.mcpist.origin.mcp.wire.Headers;
import com.mcpist.origin.mcp.wire.Json;
import com.mcpist.origin.mcp.wire.Params;
import com.mcpist.origin.mcp.wire.ProtocolVersion;
import com.mcpist.origin.mcp.wire.RpcException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What each method of each era answers. */
public final class Methods {
  /** How long clients may keep a list: a new release changes it at most this late. */
  private static final int LIST_TTL_MILLIS = 60_000;

  private static final String SERVER_INFO = "io.modelcontextprotocol/serverInfo";

  private final ServerInfo server;
  private final Catalog catalog;
  private final ToolCalls toolCalls;
  private final Readings readings;
  private final Listing tools;
  private final Listing prompts;
  private final Listing resources;
  private final Listing templates;

  public Methods(ServerInfo server, Catalog catalog, ToolCalls toolCalls, Readings readings) {
    this.server = server;
    this.catalog = catalog;
    this.toolCalls = toolCalls;
    this.readings = readings;
    this.tools = new Listing("tools", catalog.toolDefinitions());
    this.prompts = new Listing("prompts", catalog.promptDefinitions());
    this.resources = new Listing("resources", catalog.resourceDefinitions());
    this.templates = new Listing("resourceTemplates", catalog.templateDefinitions());
  }

  /**
   * The result of a request.
   *
   * @throws RpcException for an error that the client is told of
   * @throws Exception as the module's code or its runner threw it
   */
  public ObjectNode result(Call call, Headers headers) throws Exception {
    if (!call.client().version().modern()) {
      return legacy(call, headers);
    }
    ObjectNode result = modern(call, headers);
    if (!result.has("resultType")) {
      result.put("resultType", "complete");
    }
    result.putObject("_meta").set(SERVER_INFO, serverInfo());
    return result;
  }

  private ObjectNode modern(Call call, Headers headers) throws Exception {
    return switch (call.request().method()) {
      case "server/discover" -> cacheable(discovered(), LIST_TTL_MILLIS, "public");
      case "tools/list", "prompts/list", "resources/list", "resources/templates/list" ->
          cacheable(both(call, headers), LIST_TTL_MILLIS, "public");
      case "resources/read" -> {
        ObjectNode read = both(call, headers);
        // A request for input has nothing to keep.
        yield read.has("contents") ? cacheable(read, 0, "private") : read;
      }
      default -> both(call, headers);
    };
  }

  private ObjectNode legacy(Call call, Headers headers) throws Exception {
    return switch (call.request().method()) {
      case "initialize" -> initialized(call.request().params());
      case "ping" -> Json.object();
      case "logging/setLevel" -> levelSet(call.request().params());
      default -> both(call, headers);
    };
  }

  private ObjectNode both(Call call, Headers headers) throws Exception {
    ObjectNode params = call.request().params();
    String method = call.request().method();
    if (!offered(method)) {
      throw RpcException.methodNotFound(method, call.client().version());
    }
    return switch (method) {
      case "tools/list" -> tools.page(params);
      case "prompts/list" -> prompts.page(params);
      case "resources/list" -> resources.page(params);
      case "resources/templates/list" -> templates.page(params);
      case "tools/call" -> toolCalls.call(call, headers);
      case "prompts/get" -> readings.prompt(call);
      case "resources/read" -> readings.resource(call);
      case "completion/complete" -> readings.completion(call);
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
    String asked = Params.string(params, "protocolVersion");
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
}
