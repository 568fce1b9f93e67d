package com.mcpist.edge.call;

import com.mcpist.edge.gate.Route;
import com.mcpist.edge.pool.Origin;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which tools only read, as the origins' own tools/list says. Asked for when a call passes and what
 * is known has become old, so that it is known when that call fails. Tools of origins that want a
 * user's own authorization stay unknown: the edge has none to give.
 */
final class ToolCatalog {
  private static final long FRESH_MILLIS = 60_000;
  private static final long USABLE_MILLIS = 300_000;
  private static final int MAX_PAGES = 50;
  private static final String STATELESS = "2026-07-28";
  private static final String WITH_SESSIONS = "2025-11-25";
  private static final String SESSION = "Mcp-Session-Id";

  private final Attempt.Means means;
  private final Supplier<String> callIds;
  private Set<String> readOnly = Set.of();
  private long asOf = -USABLE_MILLIS;
  private @Nullable Future<Set<String>> asking;

  /**
   * Knows nothing yet.
   *
   * @param callIds a new one each time
   */
  ToolCatalog(Attempt.Means means, Supplier<String> callIds) {
    this.means = means;
    this.callIds = callIds;
  }

  /** A call passes: sees to it that what is known is not old. */
  void refresh() {
    if (means.time().now() - asOf >= FRESH_MILLIS) {
      ask();
    }
  }

  /** The tools that only read; none when no origin says so in time. Never fails. */
  Future<Set<String>> readOnly() {
    return means.time().now() - asOf < USABLE_MILLIS ? Future.succeededFuture(readOnly) : ask();
  }

  private Future<Set<String>> ask() {
    Future<Set<String>> current = asking;
    if (current == null) {
      current = means.origins().choose(Set.of()).map(this::list).orElse(nobody());
      asking = current;
      current.onComplete(
          listed -> {
            asking = null;
            if (listed.succeeded()) {
              readOnly = listed.result();
              asOf = means.time().now();
            }
          });
    }
    return current.otherwise(Set.of());
  }

  private static Future<Set<String>> nobody() {
    return Future.failedFuture("no healthy origin");
  }

  private Future<Set<String>> list(Origin origin) {
    Dialogue modern = new Dialogue(origin, STATELESS, true, null);
    return modern
        .pages(new HashSet<>(), Optional.empty(), 1)
        .recover(notModern -> open(origin).compose(this::listAndClose));
  }

  private Future<Set<String>> listAndClose(Dialogue dialogue) {
    return dialogue
        .pages(new HashSet<>(), Optional.empty(), 1)
        .onComplete(listed -> dialogue.close());
  }

  private Future<Dialogue> open(Origin origin) {
    Dialogue opening = new Dialogue(origin, WITH_SESSIONS, false, null);
    return opening
        .send(HttpMethod.POST, "initialize", ToolPage.initialize(WITH_SESSIONS))
        .map(answer -> new Dialogue(origin, WITH_SESSIONS, false, answer.session()))
        .compose(dialogue -> dialogue.initialized().map(dialogue));
  }

  private record Answer(@Nullable String session, Buffer body) {}

  /** Requests of one revision to one origin. */
  private final class Dialogue {
    private final Origin origin;
    private final String version;
    private final boolean stateless;
    private final @Nullable String session;

    Dialogue(Origin origin, String version, boolean stateless, @Nullable String session) {
      this.origin = origin;
      this.version = version;
      this.stateless = stateless;
      this.session = session;
    }

    Future<Set<String>> pages(Set<String> found, Optional<String> cursor, int number) {
      return send(HttpMethod.POST, "tools/list", ToolPage.request(version, stateless, cursor))
          .map(answer -> ToolPage.read(answer.body()).orElseThrow())
          .compose(
              page -> {
                found.addAll(page.readOnly());
                return page.next().isPresent() && number < MAX_PAGES
                    ? pages(found, page.next(), number + 1)
                    : Future.succeededFuture(Set.copyOf(found));
              });
    }

    Future<Void> initialized() {
      Buffer body = Buffer.buffer("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
      return send(HttpMethod.POST, "notifications/initialized", body).mapEmpty();
    }

    /** Ends the session, if there is one; an origin that minds keeps it. */
    void close() {
      if (session != null) {
        send(HttpMethod.DELETE, "", Buffer.buffer());
      }
    }

    Future<Answer> send(HttpMethod method, String rpcMethod, Buffer body) {
      return means
          .upstream()
          .request(origin, method, Route.MCP_PATH, false)
          .compose(request -> exchange(request, rpcMethod, body));
    }

    private Future<Answer> exchange(HttpClientRequest request, String rpcMethod, Buffer body) {
      long deadline = System.currentTimeMillis() + means.config().attemptMillis();
      CallHeaders.putOwn(request.headers(), callIds.get(), deadline, means.gatewaySecret().get());
      request.putHeader(CallHeaders.PROTOCOL_VERSION, version);
      if (!rpcMethod.isEmpty()) {
        request.putHeader("Mcp-Method", rpcMethod);
      }
      if (session != null) {
        request.putHeader(SESSION, session);
      }
      return request.idleTimeout(means.config().idleTimeoutMillis()).send(body).compose(this::read);
    }

    private Future<Answer> read(HttpClientResponse response) {
      boolean taken = response.statusCode() / 100 == 2;
      return response
          .body()
          .compose(
              body ->
                  taken
                      ? Future.succeededFuture(new Answer(response.getHeader(SESSION), body))
                      : Future.failedFuture("status " + response.statusCode()));
    }
  }
}
