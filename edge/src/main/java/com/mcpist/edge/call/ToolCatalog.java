package com.mcpist.edge.call;

import com.mcpist.edge.call.Upstream.Answer;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.time.MonotonicClock;
import com.mcpist.edge.time.TimeLimits;
import com.mcpist.edge.wire.EventReader;
import com.mcpist.edge.wire.EventReader.Event;
import com.mcpist.edge.wire.EventReader.TooLongException;
import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.Payload.Message;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells which calls may run twice. The origins' own tools/list says which tools only read, or are
 * idempotent. The list is asked for when a call passes and the known list has become old, so that
 * it is known when that call fails. The tools of origins that want a user's own authorization stay
 * unknown, since the edge has none to give.
 */
final class ToolCatalog {
  private static final long FRESH_MILLIS = 60_000;
  private static final long USABLE_MILLIS = 300_000;
  private static final int MAX_PAGES = 50;
  private static final String STATELESS = "2026-07-28";
  private static final String WITH_SESSIONS = "2025-11-25";
  private static final String META = "io.modelcontextprotocol/";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final ProxyConfig config;
  private final TimeLimits time;
  private final MonotonicClock clock;
  private final Origins origins;
  private final Upstream upstream;
  private final Supplier<String> gatewaySecret;
  private final Supplier<String> callIds;
  private Set<String> repeatable = Set.of();
  private long asOf = -USABLE_MILLIS;
  private @Nullable Future<Set<String>> asking;

  /** Creates a catalog. {@code callIds} gives a new id each time. */
  ToolCatalog(
      ProxyConfig config,
      TimeLimits time,
      MonotonicClock clock,
      Origins origins,
      Upstream upstream,
      Supplier<String> gatewaySecret,
      Supplier<String> callIds) {
    this.config = config;
    this.time = time;
    this.clock = clock;
    this.origins = origins;
    this.upstream = upstream;
    this.gatewaySecret = gatewaySecret;
    this.callIds = callIds;
  }

  /**
   * Returns true if a call may run twice, where these tools may. A call that cannot be read may
   * not.
   */
  static boolean isRepeatable(HttpMethod method, Payload payload, Set<String> tools) {
    return !method.equals(HttpMethod.POST)
        || (payload.readable()
            && payload.messages().stream().allMatch(message -> isRepeatable(message, tools)));
  }

  private static boolean isRepeatable(Message message, Set<String> tools) {
    return message.isToolCall()
        ? message.name() != null && tools.contains(message.name())
        : message.reads();
  }

  /** Asks for the list of tools if the known list is old. Called when a call passes. */
  void refresh() {
    if (time.now() - asOf >= FRESH_MILLIS) {
      ask();
    }
  }

  /**
   * Returns the tools that may run twice; none if no origin says so in time. The future never
   * fails.
   */
  Future<Set<String>> repeatable() {
    return time.now() - asOf < USABLE_MILLIS ? Future.succeededFuture(repeatable) : ask();
  }

  private Future<Set<String>> ask() {
    Future<Set<String>> current = asking;
    if (current == null) {
      current =
          origins
              .choose(Set.of())
              .map(this::list)
              .orElseGet(() -> Future.failedFuture("no healthy origin"));
      asking = current;
      current.onComplete(
          listed -> {
            asking = null;
            if (listed.succeeded()) {
              repeatable = listed.result();
              asOf = time.now();
            }
          });
    }
    return current.otherwise(Set.of());
  }

  private Future<Set<String>> list(Origin origin) {
    return list(new Dialogue(origin, STATELESS, null))
        .recover(
            notStateless ->
                open(origin).compose(opened -> list(opened).onComplete(listed -> close(opened))));
  }

  /**
   * The requests of one revision to one origin. {@code id} is null if there is no session to end.
   */
  private record Dialogue(Origin origin, String version, @Nullable String id) {}

  private Future<Dialogue> open(Origin origin) {
    ObjectNode request = request("initialize");
    ObjectNode params = request.putObject("params").put("protocolVersion", WITH_SESSIONS);
    params.putObject("capabilities");
    params.putObject("clientInfo").put("name", "mcpist-edge").put("version", "1");
    return send(new Dialogue(origin, WITH_SESSIONS, null), "initialize", buffer(request))
        .map(answer -> new Dialogue(origin, WITH_SESSIONS, answer.session()))
        .compose(opened -> send(opened, Session.INITIALIZED, Session.initialized()).map(opened));
  }

  /** Ends the session, if there is one. An origin that does not accept this keeps the session. */
  private void close(Dialogue dialogue) {
    if (dialogue.id() != null) {
      send(dialogue, HttpMethod.DELETE, "", Buffer.buffer());
    }
  }

  private Future<Set<String>> list(Dialogue dialogue) {
    return pages(dialogue, new HashSet<>(), Optional.empty(), 1);
  }

  private Future<Set<String>> pages(
      Dialogue dialogue, Set<String> found, Optional<String> cursor, int number) {
    ObjectNode request = request("tools/list");
    ObjectNode params = request.putObject("params");
    cursor.ifPresent(at -> params.put("cursor", at));
    if (dialogue.version().equals(STATELESS)) {
      ObjectNode meta = params.putObject("_meta").put(META + "protocolVersion", STATELESS);
      meta.putObject(META + "clientInfo").put("name", "mcpist-edge").put("version", "1");
      meta.putObject(META + "clientCapabilities");
    }
    return send(dialogue, "tools/list", buffer(request))
        .map(answer -> Page.read(answer.body()).orElseThrow())
        .compose(
            page -> {
              found.addAll(page.repeatable());
              return page.next().isPresent() && number < MAX_PAGES
                  ? pages(dialogue, found, page.next(), number + 1)
                  : Future.succeededFuture(Set.copyOf(found));
            });
  }

  private static ObjectNode request(String method) {
    return JSON.createObjectNode().put("jsonrpc", "2.0").put("id", 1).put("method", method);
  }

  private static Buffer buffer(ObjectNode request) {
    return Buffer.buffer(JSON.writeValueAsBytes(request));
  }

  private Future<Answer> send(Dialogue dialogue, String rpcMethod, Buffer body) {
    return send(dialogue, HttpMethod.POST, rpcMethod, body)
        .compose(
            answer ->
                answer.isGood()
                    ? Future.succeededFuture(answer)
                    : Future.failedFuture("status " + answer.status()));
  }

  private Future<Answer> send(Dialogue dialogue, HttpMethod method, String rpcMethod, Buffer body) {
    return upstream.ask(dialogue.origin(), method, to -> putHeader(to, dialogue, rpcMethod), body);
  }

  private void putHeader(MultiMap to, Dialogue dialogue, String rpcMethod) {
    long deadline = clock.millis() + config.attemptMillis();
    CallHeaders.putOwn(to, callIds.get(), deadline, gatewaySecret.get());
    to.set(CallHeaders.PROTOCOL_VERSION, dialogue.version());
    if (!rpcMethod.isEmpty()) {
      to.set("Mcp-Method", rpcMethod);
    }
    if (dialogue.id() != null) {
      to.set(CallHeaders.SESSION_ID, dialogue.id());
    }
  }

  /** A page of an origin's tools/list: the tools that may run twice, and the next page's cursor. */
  record Page(Set<String> repeatable, Optional<String> next) {
    /** Reads an answer, JSON or events; empty when there is no list of tools in it. */
    static Optional<Page> read(Buffer body) {
      return Stream.concat(Stream.of(body.toString()), events(body))
          .flatMap(text -> of(text).stream())
          .findFirst();
    }

    private static Stream<String> events(Buffer body) {
      try {
        EventReader reader = new EventReader(Math.max(1, body.length()));
        return reader.read(body).stream().map(Event::data).filter(Objects::nonNull);
      } catch (TooLongException impossible) {
        return Stream.empty();
      }
    }

    private static Optional<Page> of(String text) {
      try {
        Result result = JSON.readValue(text, Listed.class).result();
        List<Tool> tools = result == null ? null : result.tools();
        if (result == null || tools == null) {
          return Optional.empty();
        }
        Set<String> names =
            tools.stream().filter(Tool::isRepeatable).map(Tool::name).collect(Collectors.toSet());
        String next = result.nextCursor();
        return Optional.of(new Page(names, Optional.ofNullable(next).filter(n -> !n.isEmpty())));
      } catch (JacksonException notJson) {
        return Optional.empty();
      }
    }

    /** The part of an answer that is read. No tree of the rest is built. */
    private record Listed(@Nullable Result result) {}

    private record Result(@Nullable List<Tool> tools, @Nullable String nextCursor) {}

    private record Tool(String name, @Nullable Annotations annotations) {
      boolean isRepeatable() {
        return annotations != null
            && (Boolean.TRUE.equals(annotations.readOnlyHint())
                || Boolean.TRUE.equals(annotations.idempotentHint()));
      }
    }

    private record Annotations(@Nullable Boolean readOnlyHint, @Nullable Boolean idempotentHint) {}
  }
}
