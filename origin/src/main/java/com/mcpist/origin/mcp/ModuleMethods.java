package com.mcpist.origin.mcp;

import com.mcpist.origin.module.Completion;
import com.mcpist.origin.module.Effect;
import com.mcpist.origin.module.InputRequired;
import com.mcpist.origin.module.Prompt;
import com.mcpist.origin.module.Tool;
import com.mcpist.origin.module.ToolCall;
import com.mcpist.origin.module.ToolException;
import com.mcpist.origin.module.ToolResult;
import com.mcpist.origin.module.ToolRunner;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The methods that run a module's code. */
record ModuleMethods(Catalog catalog, ToolRunner runner, Rounds rounds) {
  private static final int MOST_COMPLETIONS = 100;

  /** Makes a result. */
  @FunctionalInterface
  private interface Reading {
    ObjectNode read(ToolCall call) throws Exception;
  }

  /** tools/call. */
  ObjectNode tool(Call call) throws Exception {
    ObjectNode params = call.request().params();
    String name = Json.string(params, "name");
    Catalog.OfferedTool offered =
        catalog
            .tool(name)
            .orElseThrow(
                () -> RpcException.invalidParams("Unknown tool " + RpcException.quoted(name)));
    ObjectNode arguments = Json.object(params, "arguments");
    ProtocolVersion version = call.client().version();
    if (version.modern()) {
      offered.headers().check(arguments, call.exchange().headers());
    }
    String problems = offered.input().problems(arguments);
    if (!problems.isEmpty()) {
      String message = "Invalid arguments for " + name + ": " + problems;
      if (version.argumentErrorsAreResults()) {
        return rendered(ToolResult.error(message));
      }
      throw RpcException.invalidParams(message);
    }
    try {
      return rendered(runner.run(offered.tool(), call.with(arguments, rounds.answers(call))));
    } catch (ToolException e) {
      return rendered(ToolResult.error(message(e)));
    } catch (InputRequired e) {
      return rounds.ask(call, e);
    }
  }

  private static ObjectNode rendered(ToolResult result) {
    ObjectNode json = Json.object();
    json.putArray("content").addAll(result.content());
    if (result.structured() != null) {
      json.set("structuredContent", result.structured());
    }
    return json.put("isError", result.isError());
  }

  /** prompts/get. */
  ObjectNode prompt(Call call) throws Exception {
    ObjectNode params = call.request().params();
    String name = Json.string(params, "name");
    Prompt prompt =
        catalog
            .prompt(name)
            .orElseThrow(
                () -> RpcException.invalidParams("Unknown prompt " + RpcException.quoted(name)));
    ObjectNode arguments = Json.strings(params, "arguments");
    for (JsonNode argument : prompt.definition().path("arguments")) {
      String wanted = argument.path("name").asString("");
      if (argument.path("required").asBoolean(false) && !arguments.has(wanted)) {
        throw RpcException.invalidParams("The prompt needs the argument " + wanted);
      }
    }
    ObjectNode result = Json.object();
    JsonNode description = prompt.definition().get("description");
    if (description != null) {
      result.set("description", description);
    }
    return read(
        call.with(arguments, rounds.answers(call)),
        c -> {
          result.putArray("messages").addAll(prompt.handler().messages(c));
          return result;
        });
  }

  /** resources/read. */
  ObjectNode resource(Call call) throws Exception {
    String uri = Json.string(call.request().params(), "uri");
    Catalog.Found found = catalog.resource(uri).orElseThrow(() -> noResource(call, uri));
    ObjectNode result =
        read(
            call.with(found.variables(), rounds.answers(call)),
            c -> {
              ObjectNode read = Json.object();
              read.putArray("contents").addAll(found.handler().read(uri, c));
              return read;
            });
    if (result.path("contents").isArray() && result.path("contents").isEmpty()) {
      throw noResource(call, uri);
    }
    return result;
  }

  private static RpcException noResource(Call call, String uri) {
    int code =
        call.client().version().modern()
            ? RpcException.INVALID_PARAMS
            : RpcException.RESOURCE_NOT_FOUND;
    return new RpcException(
        code, 200, "There is no resource at this URI", Json.object().put("uri", uri));
  }

  /** completion/complete. */
  ObjectNode completion(Call call) throws Exception {
    ObjectNode params = call.request().params();
    ObjectNode ref = Json.object(params, "ref");
    String of =
        switch (Json.string(ref, "type")) {
          case "ref/prompt" -> Json.string(ref, "name");
          case "ref/resource" -> Json.string(ref, "uri");
          default -> throw RpcException.invalidParams("ref.type: ref/prompt or ref/resource");
        };
    ObjectNode argument = Json.object(params, "argument");
    String name = Json.string(argument, "name");
    String typed = Json.string(argument, "value");
    if (!catalog.completable(of)) {
      throw RpcException.invalidParams(
          "There is no " + RpcException.quoted(of) + " to complete for");
    }
    ObjectNode settled = Json.strings(Json.object(params, "context"), "arguments");
    Completion completion = catalog.completion(of, name).orElse(null);
    return completion == null
        ? completed(List.of())
        : read(
            call.with(settled, call.answers()),
            c -> completed(completion.handler().complete(typed, c)));
  }

  private static ObjectNode completed(List<String> values) {
    ObjectNode result = Json.object();
    ObjectNode completion = result.putObject("completion");
    var shown = completion.putArray("values");
    values.stream().limit(MOST_COMPLETIONS).forEach(shown::add);
    completion.put("total", values.size()).put("hasMore", values.size() > MOST_COMPLETIONS);
    return result;
  }

  /**
   * Runs work that is no tool as if it were one that reads, so that it gets its connection, its
   * READ ONLY transaction and its failures from the same place.
   */
  private ObjectNode read(Call call, Reading work) throws Exception {
    AtomicReference<ObjectNode> result = new AtomicReference<>(Json.object());
    ObjectNode definition = Json.object().put("name", call.request().method());
    definition.putObject("annotations").put("readOnlyHint", true);
    Tool.Handler handler =
        c -> {
          result.set(work.read(c));
          return ToolResult.text("");
        };
    try {
      runner.run(new Tool(definition, Effect.READS, handler), call);
      return result.get();
    } catch (ToolException e) {
      throw RpcException.invalidParams(message(e));
    } catch (InputRequired e) {
      return rounds.ask(call, e);
    }
  }

  private static String message(ToolException refusal) {
    return Objects.requireNonNullElse(refusal.getMessage(), "The request cannot be done");
  }
}
