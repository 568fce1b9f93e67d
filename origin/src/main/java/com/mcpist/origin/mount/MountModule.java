package com.mcpist.origin.mount;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Module;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mcp.RpcException;
import com.mcpist.origin.mount.Offer.Approval;
import com.mcpist.origin.mount.Offer.MountedPrompt;
import com.mcpist.origin.mount.Offer.MountedTool;
import com.mcpist.origin.mount.client.MountConfig;
import com.mcpist.origin.mount.client.MountConfig.Entry;
import com.mcpist.origin.mount.client.MountException;
import com.mcpist.origin.mount.client.MountException.Kind;
import com.mcpist.origin.trace.Span;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A mounted server as a module: it offers what the database says that the server lists. */
final class MountModule implements Module {
  private static final int TOO_MANY = 429;
  private static final String CALL_LATER = " Call again later.";
  private static final String MAY_HAVE_BEEN_DONE =
      " It may have been done. Look first whether it was.";

  private final Entry entry;
  private final Copies copies;
  private final Conversations conversations;
  private final Set<String> taken;

  /** One for all resources, so that each is asked for once. */
  private final Resource.Handler reader =
      new Resource.Handler() {
        @Override
        public Optional<ObjectNode> read(String uri, ToolCall call) throws Exception {
          ObjectNode params = Json.object().put("uri", uri);
          return Optional.of(MountModule.this.read("resources/read", params, call));
        }

        @Override
        public Optional<Runnable> watch(String uri, String user, Consumer<String> changed) {
          return offer.tellsOfResources() ? copies.watch(uri, user, changed) : Optional.empty();
        }
      };

  private volatile Offer offer = Offer.NOTHING;
  private volatile boolean known;

  /** Taken are the names of others' tools and prompts. */
  MountModule(Entry entry, Copies copies, Conversations conversations, Set<String> taken) {
    this.entry = entry;
    this.copies = copies;
    this.conversations = conversations;
    this.taken = taken;
  }

  @Override
  public String name() {
    return entry.name();
  }

  @Override
  public boolean changes() {
    return true;
  }

  @Override
  public boolean known() {
    return known;
  }

  /** Its lists are known, also where there are none. */
  void know() {
    known = true;
  }

  void show(ObjectNode seen, ObjectNode approved) {
    offer = Offer.of(entry, seen, approved, taken);
    known = true;
  }

  Offer offer() {
    return offer;
  }

  @Override
  public String instructions() {
    String text = offer.instructions();
    return text.isEmpty() || entry.pin() // Nobody has approved them.
        ? ""
        : "The tools whose names begin with " + entry.name() + "_: " + text;
  }

  @Override
  public List<Tool> tools() {
    return offer.tools().stream()
        .map(t -> new Tool(t.definition(), t.effect(), call -> run(t, call), false, false, true))
        .toList();
  }

  @Override
  public List<Prompt> prompts() {
    return offer.prompts().stream()
        .map(p -> new Prompt(p.definition(), call -> get(p, call)))
        .toList();
  }

  @Override
  public List<Resource> resources() {
    return offer.resources().stream().map(r -> new Resource(r, reader)).toList();
  }

  @Override
  public List<Resource.Template> resourceTemplates() {
    return offer.templates().stream().map(t -> new Resource.Template(t, reader)).toList();
  }

  @Override
  public Optional<Resource.Handler> unlisted() {
    return offer.has(Lists.RESOURCES) ? Optional.of(reader) : Optional.empty();
  }

  @Override
  public List<Completion> completions() {
    if (!offer.has("completions")) {
      return List.of();
    }
    Stream<Completion> ofPrompts =
        offer.prompts().stream()
            .map(
                p ->
                    new Completion(
                        p.offeredAs(),
                        (argument, typed, call) ->
                            complete(
                                Json.object().put("type", "ref/prompt").put("name", p.name()),
                                argument,
                                typed,
                                call)));
    Stream<Completion> ofTemplates =
        offer.templates().stream()
            .map(t -> t.path("uriTemplate").asString())
            .map(
                uri ->
                    new Completion(
                        uri,
                        (argument, typed, call) ->
                            complete(
                                Json.object().put("type", "ref/resource").put("uri", uri),
                                argument,
                                typed,
                                call)));
    return Stream.concat(ofPrompts, ofTemplates).toList();
  }

  @Override
  public boolean upkeep(Handle database) {
    MountStore.keep(database, entry.name());
    return false;
  }

  private ToolResult run(MountedTool tool, ToolCall call) throws Exception {
    if (tool.approval() == Approval.HELD) {
      throw ToolException.again(
          "%s The mounted server %s has changed this tool since it was approved. Whoever runs this server can approve it: mcpist mount approve %s"
              .formatted(nothingRun(tool, call), entry.name(), entry.name()));
    }
    boolean again = tool.effect() != Effect.ACTS_OUTSIDE;
    try {
      ObjectNode result = result("tools/call", params(tool, call), call, again);
      if (!result.path("content").isArray()) {
        result.putArray("content"); // Some servers give structured content alone.
      }
      return new ToolResult(result);
    } catch (InputRequired e) {
      if (!again && e.state().has(InputRequired.WAITS)) {
        return ToolResult.asks(e);
      }
      throw e;
    } catch (MountException e) {
      return switch (e.kind()) {
        case ANSWERED -> ToolResult.failed(e.code(), said(e), e.data());
        case NOT_SENT -> {
          if (e.isCrowded()) {
            throw refused(e);
          }
          throw ToolException.again(cannotBeUsed(e) + " " + nothingRun(tool, call) + CALL_LATER);
        }
        case UNKNOWN -> {
          if (!again) {
            throw e; // The ledger says what that means.
          }
          throw ToolException.again(
              failed(e)
                  + (tool.effect() == Effect.READS
                      ? " It only reads: nothing was changed. Call again later."
                      : MAY_HAVE_BEEN_DONE));
        }
      };
    }
  }

  private static String said(MountException e) {
    return String.valueOf(e.getMessage());
  }

  private String cannotBeUsed(MountException e) {
    return "The mounted server %s cannot be used: %s.".formatted(entry.name(), e.getMessage());
  }

  /**
   * Says that this attempt has not reached the server. A call of an idempotent tool may be a
   * further attempt at one that has: an attempt takes over the claim of one whose origin has died,
   * and a call that brings an answer was asked for it by the server.
   */
  private static String nothingRun(MountedTool tool, ToolCall call) {
    boolean further =
        call.attempt().number() > 1
            || call.attempt().key().fromClient()
            || !call.answers().state().isEmpty();
    return tool.effect() == Effect.ACTS_OUTSIDE_IDEMPOTENTLY && further
        ? "This attempt ran nothing, but an earlier one may have." + MAY_HAVE_BEEN_DONE
        : "Nothing was run.";
  }

  private RefusedException refused(MountException e) {
    return new RefusedException(
        TOO_MANY,
        "rate_limited",
        "The mounted server %s has no place for this call: %s."
            .formatted(entry.name(), e.getMessage()),
        Map.of("Retry-After", Long.toString(e.retryAfter().plusMillis(999).toSeconds())));
  }

  private String failed(MountException e) {
    return "The mounted server %s failed: %s.".formatted(entry.name(), e.getMessage());
  }

  private ObjectNode params(MountedTool tool, ToolCall call) {
    ObjectNode arguments = Json.object().setAll(call.arguments());
    ObjectNode params = Json.object().put("name", tool.name());
    params.set("arguments", arguments);
    MountConfig.Key key =
        Optional.ofNullable(entry.tools().get(tool.name())).flatMap(r -> r.key()).orElse(null);
    if (key != null) {
      switch (key) {
        case MountConfig.Key.Argument(String name) -> {
          if (!arguments.has(name)) {
            arguments.put(name, key(call.attempt().key()));
          }
        }
        case MountConfig.Key.Meta(String name) ->
            params.putObject("_meta").put(name, key(call.attempt().key()));
      }
    }
    return params;
  }

  /**
   * The call's id. Clients choose their own keys as they like, and the mounted server may take all
   * users for one: so theirs is made one of that user's alone.
   */
  private static String key(Attempt.Key key) {
    String call = key.index() == 0 ? key.id() : key.id() + "-" + key.index();
    return key.fromClient()
        ? UUID.nameUUIDFromBytes((key.user() + "\n" + call).getBytes(StandardCharsets.UTF_8))
            .toString()
        : call;
  }

  private ObjectNode get(MountedPrompt prompt, ToolCall call) throws Exception {
    ObjectNode params = Json.object().put("name", prompt.name());
    if (!call.arguments().isEmpty()) {
      params.set("arguments", call.arguments());
    }
    return read("prompts/get", params, call);
  }

  private ObjectNode complete(ObjectNode ref, String argument, String typed, ToolCall call)
      throws Exception {
    ObjectNode params = Json.object();
    params.set("ref", ref);
    params.putObject("argument").put("name", argument).put("value", typed);
    if (!call.arguments().isEmpty()) {
      params.putObject("context").set("arguments", call.arguments());
    }
    return read("completion/complete", params, call);
  }

  private ObjectNode read(String method, ObjectNode params, ToolCall call) throws Exception {
    try {
      return result(method, params, call, true);
    } catch (MountException e) {
      if (e.isCrowded()) {
        throw refused(e);
      }
      boolean answered = e.kind() == Kind.ANSWERED;
      JsonNode data = answered ? e.data() : null;
      throw new RpcException(
          answered ? e.code() : RpcException.INTERNAL_ERROR,
          200,
          answered
              ? said(e)
              : e.kind() == Kind.NOT_SENT
                  ? cannotBeUsed(e) + " Nothing was run." + CALL_LATER
                  : failed(e),
          data);
    }
  }

  private ObjectNode result(String method, ObjectNode params, ToolCall call, boolean again)
      throws Exception {
    boolean named = method.equals("tools/call") || method.equals("prompts/get");
    String target = named ? params.path("name").asString() : "";
    return Span.current()
        .ask(
            entry.name(),
            method,
            target,
            () -> {
              Span.current()
                  .putInto(
                      (name, value) -> {
                        if (name.equals("traceparent")) { // A tracestate is not for strangers.
                          params.withObjectProperty("_meta").put(name, value);
                        }
                      });
              try {
                return conversations.result(
                    new Conversations.Request(
                        entry.name(), copies, method, params, entry.timeout(), again),
                    call);
              } catch (MountException e) {
                Span.current().fail(type(e));
                throw e;
              }
            });
  }

  /** Returns the type of the error, as a trace names it. */
  private static String type(MountException e) {
    return e.kind() == Kind.ANSWERED
        ? Integer.toString(e.code())
        : e.kind().name().toLowerCase(Locale.ROOT);
  }
}
