package com.mcpist.origin.mcp.methods;

import com.mcpist.origin.mcp.wire.Json;
import com.mcpist.origin.mcp.wire.Params;
import com.mcpist.origin.mcp.wire.RpcException;
import com.mcpist.origin.mcp.wire.Text;
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
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The methods other than tools/call that run a module's code; none of it changes anything. */
public final class Readings {
  private static final int MOST_COMPLETIONS = 100;

  /** Makes a result. */
  @FunctionalInterface
  private interface Reading {
    ObjectNode read(ToolCall call) throws Exception;
  }

  private final Catalog catalog;
  private final ToolRunner runner;
  private final Rounds rounds;

  public Readings(Catalog catalog, ToolRunner runner, Rounds rounds) {
    this.catalog = catalog;
    this.runner = runner;
    this.rounds = rounds;
  }

  /** prompts/get. */
  ObjectNode prompt(Call call) throws Exception {
    ObjectNode params = call.request().params();
    String name = Params.string(params, "name");
    Prompt prompt =
        catalog
            .prompt(name)
            .orElseThrow(() -> RpcException.invalidParams("Unknown prompt " + Text.quoted(name)));
    ObjectNode arguments = Params.strings(params, "arguments");
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
    String uri = Params.string(call.request().params(), "uri");
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

  /** completion/complete. */
  ObjectNode completion(Call call) throws Exception {
    ObjectNode params = call.request().params();
    ObjectNode ref = Params.object(params, "ref");
    String of =
        switch (Params.string(ref, "type")) {
          case "ref/prompt" -> Params.string(ref, "name");
          case "ref/resource" -> Params.string(ref, "uri");
          default -> throw RpcException.invalidParams("ref.type: ref/prompt or ref/resource");
        };
    ObjectNode argument = Params.object(params, "argument");
    String name = Params.string(argument, "name");
    String typed = Params.string(argument, "value");
    if (!catalog.completable(of)) {
      throw RpcException.invalidParams("There is no " + Text.quoted(of) + " to complete for");
    }
    ObjectNode settled = Params.strings(Params.object(params, "context"), "arguments");
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
    Tool reader =
        new Tool(
            definition,
            Effect.READS,
            c -> {
              result.set(work.read(c));
              return ToolResult.text("");
            });
    try {
      runner.run(reader, call);
      return result.get();
    } catch (ToolException e) {
      throw RpcException.invalidParams(Text.message(e));
    } catch (InputRequired e) {
      return rounds.ask(call, e);
    }
  }

  private static RpcException noResource(Call call, String uri) {
    int code =
        call.client().version().modern()
            ? RpcException.INVALID_PARAMS
            : RpcException.RESOURCE_NOT_FOUND;
    return new RpcException(
        code, 200, "There is no resource at this URI", Json.object().put("uri", uri));
  }
}
