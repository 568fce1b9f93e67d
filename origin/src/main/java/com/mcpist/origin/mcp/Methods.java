package com.mcpist.origin.mcp;

import com.mcpist.module.Invocation;
import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Module;
import com.mcpist.module.Question;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.origin.trace.Span;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What each method of each era answers. */
public record Methods(
    ServerInfo server,
    Catalog catalog,
    ToolRunner runner,
    RequestState rounds,
    CallMetrics metrics) {
  /** How long clients may keep a list: a new release changes it at most this late. */
  private static final int LIST_TTL_MILLIS = 60_000;

  private static final String DONE_WITHOUT_ROOM =
      "It was done. There is no room for its result beside the others of this batch.";

  private static final int LONGEST_URI = 2_000;

  /** The longest name of a tool that the ledger keeps, in characters. No tool's name is longer. */
  private static final int LONGEST_TOOL_NAME = 255;

  private static final String SERVER_INFO = "io.modelcontextprotocol/serverInfo";

  Methods with(Catalog other) {
    return new Methods(server, other, runner, rounds, metrics);
  }

  @FunctionalInterface
  private interface Reading {
    ObjectNode read(ToolCall call) throws Exception;
  }

  /** Work that may ask the client, with what that has answered. */
  @FunctionalInterface
  private interface Round {
    ObjectNode run(Question.Answers answers) throws Exception;
  }

  /**
   * The result of a request. Throws RpcException for an error that the client is told of. Throws
   * Exception as the module's code or its runner threw it.
   */
  ObjectNode result(Call call) throws Exception {
    if (!call.client().version().modern()) {
      return legacy(call);
    }
    ObjectNode result = modern(call);
    if (!result.has("resultType")) {
      result.put("resultType", "complete");
    }
    ObjectNode meta = Json.object();
    if (result.get("_meta") instanceof ObjectNode given) {
      meta.setAll(given);
    }
    result.set("_meta", meta.set(SERVER_INFO, serverInfo()));
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
      case "initialize" -> initialized(call);
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
    if (!catalog.complete()) {
      throw new AttemptFailedException("What mounted servers offer is not known yet");
    }
    return switch (method) {
      case "tools/list" -> catalog.toolList.page(params);
      case "prompts/list" -> catalog.promptList.page(params);
      case "resources/list" -> catalog.resourceList.page(params);
      case "resources/templates/list" -> catalog.templateList.page(params);
      case "tools/call" -> counted(call);
      case "prompts/get" -> prompt(call);
      case "resources/read" -> resource(call);
      case "completion/complete" -> completion(call);
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
    ObjectNode capabilities = capabilities();
    if (catalog.changes()) {
      // Clients of older revisions have no stream on which they could be told.
      for (String list : List.of("tools", "prompts", "resources")) {
        capabilities.withObjectProperty(list).put("listChanged", true);
      }
      capabilities.withObjectProperty("resources").put("subscribe", true);
    }
    capabilities.putObject("extensions").putObject("com.mcpist/idempotency");
    result.set("capabilities", capabilities);
    return result.put("instructions", instructions());
  }

  private ObjectNode initialized(Call call) throws RpcException {
    ObjectNode params = call.request().params();
    String asked = Json.string(params, "protocolVersion");
    // The newest revision that begins with initialize is what is offered for an unknown one.
    ProtocolVersion version =
        ProtocolVersion.of(asked).filter(v -> !v.modern()).orElse(ProtocolVersion.V2025_11_25);
    ObjectNode result = Json.object().put("protocolVersion", version.wire());
    result.set("capabilities", capabilities());
    result.set("serverInfo", serverInfo());
    Set<Question.Kind> answerable = Negotiation.answerable(params.path("capabilities"));
    if (!answerable.isEmpty()) {
      call.exchange().session(Negotiation.session(answerable));
    }
    return result.put("instructions", instructions());
  }

  private String instructions() {
    return Stream.concat(Stream.of(server.instructions()), catalog.instructions())
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("\n\n"));
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

  private ObjectNode counted(Call call) throws Exception {
    long began = System.nanoTime();
    String outcome = "failed";
    try {
      ObjectNode result = tool(call);
      outcome = result.path("isError").asBoolean(false) ? "error" : "ok";
      return result;
    } catch (RpcException e) {
      outcome = "error";
      throw e;
    } finally {
      String name = call.request().params().path("name").asString("");
      metrics.called(catalog.tool(name), outcome, System.nanoTime() - began, call.attempt());
    }
  }

  private ObjectNode tool(Call call) throws Exception {
    ObjectNode params = call.request().params();
    String name = Json.string(params, "name");
    ObjectNode arguments = Json.object(params, "arguments");
    Catalog.OfferedTool offered = catalog.tool(name).orElse(null);
    Refusal refusal = refusal(call, name, offered, arguments).orElse(null);
    try {
      if (refusal == null && offered != null) {
        return run(offered.tool(), call, arguments);
      }
      // An origin of another release may have run the call, which this one does not know or takes
      // for invalid. Then its result is the answer. If not, no earlier attempt runs it from now on.
      boolean mayHaveRun = call.attempt().number() > 1 || call.attempt().key().fromClient();
      if (mayHaveRun && mayBeATool(name)) {
        return run(refusing(name), call, arguments);
      }
    } catch (ToolException e) {
      if (refusal == null || !e.mayRunAgain()) {
        return copy(ToolResult.error(message(e)));
      }
    }
    return Objects.requireNonNull(refusal).answer();
  }

  /** The answer to a call that is not run. */
  @FunctionalInterface
  private interface Refusal {
    ObjectNode answer() throws RpcException;

    static Refusal error(RpcException error) {
      return () -> {
        throw error;
      };
    }
  }

  /** Returns the refusal of a call that this process cannot run as it is; empty if it can. */
  private static Optional<Refusal> refusal(
      Call call, String name, Catalog.@Nullable OfferedTool offered, ObjectNode arguments) {
    if (offered == null) {
      String unknown = "Unknown tool " + RpcException.quoted(name);
      return Optional.of(Refusal.error(RpcException.invalidParams(unknown)));
    }
    ProtocolVersion version = call.client().version();
    if (version.modern()) {
      try {
        offered.headers().check(arguments, call.exchange().headers());
      } catch (RpcException e) {
        return Optional.of(Refusal.error(e));
      }
    }
    String problems = offered.problems(arguments);
    if (problems.isEmpty()) {
      return Optional.empty();
    }
    String message = "Invalid arguments for " + name + ": " + problems;
    return Optional.of(
        version.argumentErrorsAreResults()
            ? () -> copy(ToolResult.error(message))
            : Refusal.error(RpcException.invalidParams(message)));
  }

  /** Returns a tool under which the ledger looks for an earlier attempt, and that runs nothing. */
  private static Tool refusing(String name) {
    return new Tool(
        Json.object().put("name", name),
        Effect.ACTS_OUTSIDE,
        _ -> {
          throw ToolException.again("Nothing was run");
        });
  }

  private ObjectNode run(Tool called, Call call, ObjectNode arguments) throws Exception {
    Tool tool = traced(paidFor(called, call));
    return inRounds(
        call,
        answers -> {
          Call asked = call.with(arguments, answers);
          ToolResult result =
              runner.run(tool, tool.effect() == Effect.ACTS_OUTSIDE ? round(asked) : asked);
          if (!call.payLate(result.json(), outside(tool))) {
            return copy(ToolResult.error(DONE_WITHOUT_ROOM));
          }
          Optional<InputRequired> questions = result.asked();
          if (questions.isPresent()) {
            throw questions.get();
          }
          return rendered(result);
        });
  }

  /** A client of 2026-07-28 answers by another request; any other one while this one waits. */
  private ObjectNode inRounds(Call call, Round round) throws Exception {
    Question.Answers answers = rounds.answers(call);
    while (true) {
      try {
        return round.run(answers);
      } catch (InputRequired asked) {
        RequestState.refuseUnanswerable(call.client(), asked.questions());
        if (call.client().version().modern()) {
          return rounds.ask(call, asked);
        }
        if (!call.exchange().streams()) {
          throw RpcException.invalidParams(
              "This needs an answer from you: Accept must list text/event-stream");
        }
        ObjectNode byKey = new Dialogue(runner, rounds.key()).ask(call, asked);
        answers = new Question.Answers(byKey, asked.state(), answers.answerable());
      }
    }
  }

  /** As {@link Module.Resource.Handler#watch}. */
  Optional<Runnable> watch(String uri, String user, Consumer<String> changed) {
    return catalog.resource(uri).stream()
        .flatMap(place -> place.handler().watch(uri, user, changed).stream())
        .findFirst();
  }

  /** Keeps the client's answer for whoever has asked. */
  void answered(Message.Response response, Call call) throws Exception {
    new Dialogue(runner, rounds.key()).keep(response, call);
  }

  /**
   * A round of work that waits for its answers is a call of its own, also under the key under which
   * the round before is recorded. The state is the same at each attempt.
   */
  private static Invocation round(Call call) {
    Attempt attempt = call.attempt();
    Attempt.Key key = attempt.key();
    ObjectNode state = call.answers().state();
    boolean recorded = key.fromClient() || !call.client().version().modern();
    if (!recorded || !state.has(InputRequired.WAITS)) {
      return call;
    }
    UUID id = UUID.nameUUIDFromBytes((key.id() + "\n" + state).getBytes(StandardCharsets.UTF_8));
    return new ToolCall(
        call,
        new Attempt(
            new Attempt.Key(key.user(), id.toString(), key.index(), true),
            attempt.sending(),
            attempt.deadline()),
        () -> {
          throw new IllegalStateException("A tool that acts outside has no transaction");
        });
  }

  /** Returns true if a tool of any release may have the name, so that the ledger may know it. */
  private static boolean mayBeATool(String name) {
    return !name.isEmpty()
        && name.length() <= LONGEST_TOOL_NAME
        && name.chars().noneMatch(Character::isISOControl);
  }

  /**
   * Records that the client has no answer to a call of a tool. What this process knows of the tool
   * does not matter: another release may offer it, or define its effect otherwise. Throws as {@link
   * #result} does.
   */
  void undelivered(Call call) throws Exception {
    ObjectNode params = call.request().params();
    String name = params.path("name").asString("");
    ObjectNode arguments = Json.object(params, "arguments");
    if (mayBeATool(name)) {
      runner.undelivered(name, call.with(arguments, call.answers()));
    }
  }

  /** What can be undone does nothing where there is no room for its result. */
  private static Tool paidFor(Tool tool, Call call) {
    if (outside(tool)) {
      return tool;
    }
    Tool.Handler handler =
        c -> {
          ToolResult result = tool.handler().run(c);
          call.pay(result.json());
          return result;
        };
    return tool.with(handler);
  }

  private static Tool traced(Tool tool) {
    return tool.with(c -> Span.current().tool(tool.name(), () -> tool.handler().run(c)));
  }

  private static boolean outside(Tool tool) {
    return tool.effect() != Effect.READS && tool.effect() != Effect.WRITES_DATABASE;
  }

  /** Throws RpcException: another server answered with that error. */
  private static ObjectNode rendered(ToolResult result) throws RpcException {
    ObjectNode failure = result.failure().orElse(null);
    if (failure != null) {
      throw new RpcException(
          failure.path("code").asInt(),
          200,
          failure.path("message").asString(),
          failure.get("data"));
    }
    return copy(result);
  }

  /** Shallow: the answer gets properties of its own. */
  private static ObjectNode copy(ToolResult result) {
    return Json.object().setAll(result.json());
  }

  private ObjectNode prompt(Call call) throws Exception {
    ObjectNode params = call.request().params();
    String name = Json.string(params, "name");
    Module.Prompt prompt =
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
    return inRounds(call, answers -> read(call.with(arguments, answers), prompt.handler()::get));
  }

  private ObjectNode resource(Call call) throws Exception {
    String uri = Json.string(call.request().params(), "uri");
    List<Catalog.Found> places = catalog.resource(uri);
    if (places.isEmpty()) {
      throw noResource(call, uri);
    }
    return inRounds(call, answers -> read(call, c -> found(uri, places, call, c, answers)));
  }

  private static ObjectNode found(
      String uri, List<Catalog.Found> places, Call call, ToolCall c, Question.Answers answers)
      throws Exception {
    RpcException refusal = null;
    for (Catalog.Found place : places) {
      try {
        call.with(place.variables(), answers);
        Optional<ObjectNode> found = place.handler().read(uri, c);
        if (found.isPresent()) {
          return Json.object().setAll(found.get());
        }
      } catch (RpcException e) {
        refusal = refusal == null ? e : refusal; // Of the likeliest place.
      }
    }
    throw refusal == null ? noResource(call, uri) : refusal;
  }

  private static RpcException noResource(Call call, String uri) {
    int code =
        call.client().version().modern()
            ? RpcException.INVALID_PARAMS
            : RpcException.RESOURCE_NOT_FOUND;
    return new RpcException(
        code,
        200,
        "There is no resource at this URI",
        Json.object().put("uri", uri.substring(0, Math.min(uri.length(), LONGEST_URI))));
  }

  private ObjectNode completion(Call call) throws Exception {
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
    Module.Completion completion = catalog.completion(of).orElse(null);
    return completion == null
        ? Module.Completion.values(List.of())
        : read(
            call.with(settled, call.answers()), c -> completion.handler().complete(name, typed, c));
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
          call.pay(result.get());
          return ToolResult.text("");
        };
    try {
      runner.run(new Tool(definition, Effect.READS, handler), call);
      return result.get();
    } catch (ToolException e) {
      throw RpcException.invalidParams(message(e));
    }
  }

  private static String message(ToolException refusal) {
    return Objects.requireNonNullElse(refusal.getMessage(), "The request cannot be done");
  }

  /** What clients are told of this server; the instructions are for the client's model. */
  public record ServerInfo(String name, String title, String version, String instructions) {}
}
