package com.mcpist.edge.call;

import com.mcpist.edge.gate.Route;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.time.MonotonicClock;
import com.mcpist.edge.time.TimeLimits;
import com.mcpist.edge.wire.BoundedGet;
import com.mcpist.edge.wire.EventReader;
import com.mcpist.edge.wire.EventReader.Event;
import com.mcpist.edge.wire.EventReader.TooLongException;
import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.Payload.Message;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpResponseExpectation;
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
 * Which calls change nothing. Which tools only read, the origins' own tools/list says. It is asked
 * for when a call passes and what is known has become old, so that it is known when that call
 * fails. Tools of origins that want a user's own authorization stay unknown: the edge has none to
 * give.
 */
final class ToolCatalog {
  private static final long FRESH_MILLIS = 60_000;
  private static final long USABLE_MILLIS = 300_000;
  private static final int MAX_PAGES = 50;
  private static final int MAX_PAGE_BYTES = 8 * 1024 * 1024;
  private static final String STATELESS = "2026-07-28";
  private static final String WITH_SESSIONS = "2025-11-25";
  private static final String SESSION = "Mcp-Session-Id";
  private static final String META = "io.modelcontextprotocol/";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final ProxyConfig config;
  private final TimeLimits time;
  private final MonotonicClock clock;
  private final Origins origins;
  private final Upstream upstream;
  private final Supplier<String> gatewaySecret;
  private final Supplier<String> callIds;
  private Set<String> readOnly = Set.of();
  private long asOf = -USABLE_MILLIS;
  private @Nullable Future<Set<String>> asking;

  /** {@code callIds}: a new one each time. */
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

  /** Whether a call changes nothing wherever it runs; one that cannot be read might. */
  static boolean onlyReads(HttpMethod method, Payload payload, Set<String> readOnlyTools) {
    if (method.equals(HttpMethod.GET)) {
      return true;
    }
    return method.equals(HttpMethod.POST)
        && payload.readable()
        && payload.messages().stream().allMatch(message -> reads(message, readOnlyTools));
  }

  private static boolean reads(Message message, Set<String> readOnlyTools) {
    return message.isToolCall()
        ? message.name() != null && readOnlyTools.contains(message.name())
        : message.reads();
  }

  /** A call passes: sees to it that what is known is not old. */
  void refresh() {
    if (time.now() - asOf >= FRESH_MILLIS) {
      ask();
    }
  }

  /** The tools that only read; none when no origin says so in time. Never fails. */
  Future<Set<String>> readOnly() {
    return time.now() - asOf < USABLE_MILLIS ? Future.succeededFuture(readOnly) : ask();
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
              readOnly = listed.result();
              asOf = time.now();
            }
          });
    }
    return current.otherwise(Set.of());
  }

  private Future<Set<String>> list(Origin origin) {
    return list(new Session(origin, STATELESS, null))
        .recover(
            notStateless ->
                open(origin)
                    .compose(session -> list(session).onComplete(listed -> close(session))));
  }

  /** Requests of one revision to one origin; {@code id}: null: there is nothing to end. */
  private record Session(Origin origin, String version, @Nullable String id) {}

  private Future<Session> open(Origin origin) {
    ObjectNode request = request("initialize");
    ObjectNode params = request.putObject("params").put("protocolVersion", WITH_SESSIONS);
    params.putObject("capabilities");
    params.putObject("clientInfo").put("name", "mcpist-edge").put("version", "1");
    Buffer initialized =
        Buffer.buffer("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    return send(new Session(origin, WITH_SESSIONS, null), "initialize", buffer(request))
        .map(answer -> new Session(origin, WITH_SESSIONS, answer.session()))
        .compose(session -> send(session, "notifications/initialized", initialized).map(session));
  }

  /** Ends the session, if there is one; an origin that minds keeps it. */
  private void close(Session session) {
    if (session.id() != null) {
      send(session, HttpMethod.DELETE, "", Buffer.buffer());
    }
  }

  private Future<Set<String>> list(Session session) {
    return pages(session, new HashSet<>(), Optional.empty(), 1);
  }

  private Future<Set<String>> pages(
      Session session, Set<String> found, Optional<String> cursor, int number) {
    ObjectNode request = request("tools/list");
    ObjectNode params = request.putObject("params");
    cursor.ifPresent(at -> params.put("cursor", at));
    if (session.version().equals(STATELESS)) {
      ObjectNode meta = params.putObject("_meta").put(META + "protocolVersion", STATELESS);
      meta.putObject(META + "clientInfo").put("name", "mcpist-edge").put("version", "1");
      meta.putObject(META + "clientCapabilities");
    }
    return send(session, "tools/list", buffer(request))
        .map(answer -> Page.read(answer.body()).orElseThrow())
        .compose(
            page -> {
              found.addAll(page.readOnly());
              return page.next().isPresent() && number < MAX_PAGES
                  ? pages(session, found, page.next(), number + 1)
                  : Future.succeededFuture(Set.copyOf(found));
            });
  }

  private static ObjectNode request(String method) {
    return JSON.createObjectNode().put("jsonrpc", "2.0").put("id", 1).put("method", method);
  }

  private static Buffer buffer(ObjectNode request) {
    return Buffer.buffer(JSON.writeValueAsBytes(request));
  }

  private record Answer(@Nullable String session, Buffer body) {}

  private Future<Answer> send(Session session, String rpcMethod, Buffer body) {
    return send(session, HttpMethod.POST, rpcMethod, body);
  }

  private Future<Answer> send(Session session, HttpMethod method, String rpcMethod, Buffer body) {
    return upstream
        .request(session.origin(), method, Route.MCP_PATH, false)
        .compose(
            request -> {
              long deadline = clock.millis() + config.attemptMillis();
              CallHeaders.putOwn(request.headers(), callIds.get(), deadline, gatewaySecret.get());
              request.putHeader(CallHeaders.PROTOCOL_VERSION, session.version());
              if (!rpcMethod.isEmpty()) {
                request.putHeader("Mcp-Method", rpcMethod);
              }
              if (session.id() != null) {
                request.putHeader(SESSION, session.id());
              }
              return request.idleTimeout(config.idleTimeoutMillis()).send(body);
            })
        .expecting(HttpResponseExpectation.SC_SUCCESS)
        .compose(
            response ->
                BoundedGet.body(response, MAX_PAGE_BYTES)
                    .onFailure(_ -> response.request().reset())
                    .map(page -> new Answer(response.getHeader(SESSION), page)));
  }

  /** A page of an origin's tools/list: the tools with a readOnlyHint, the next page's cursor. */
  record Page(Set<String> readOnly, Optional<String> next) {
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
            tools.stream().filter(Tool::onlyReads).map(Tool::name).collect(Collectors.toSet());
        String next = result.nextCursor();
        return Optional.of(new Page(names, Optional.ofNullable(next).filter(n -> !n.isEmpty())));
      } catch (JacksonException notJson) {
        return Optional.empty();
      }
    }

    /** What of an answer is read: there is no tree of the rest. */
    private record Listed(@Nullable Result result) {}

    private record Result(@Nullable List<Tool> tools, @Nullable String nextCursor) {}

    private record Tool(String name, @Nullable Annotations annotations) {
      boolean onlyReads() {
        return annotations != null && Boolean.TRUE.equals(annotations.readOnlyHint());
      }
    }

    private record Annotations(@Nullable Boolean readOnlyHint) {}
  }
}
