package com.mcpist.edge.call;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.wire.Addresses;
import com.mcpist.edge.wire.OwnRequest;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop to the origins. Used on that loop only. */
final class Upstream {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int HEADER_BYTES = 64 * 1024;
  private static final int KEEP_SECONDS = 10;
  private static final int MAX_ANSWER_BYTES = 8 * 1024 * 1024;

  /**
   * The header by which an origin promises, with a 503 or 403, that nothing was run and that the
   * origin works.
   */
  private static final String NOT_RUN = "X-Not-Run";

  private final ProxyConfig config;
  private final Addresses addresses;
  private final HttpClient keeping;
  private final HttpClient closing;
  private final Set<HttpConnection> unused = Collections.newSetFromMap(new IdentityHashMap<>());

  Upstream(Vertx vertx, ProxyConfig config, Addresses addresses) {
    this.config = config;
    this.addresses = addresses;
    this.keeping = client(vertx, true);
    this.closing = client(vertx, false);
  }

  private HttpClient client(Vertx vertx, boolean keeps) {
    int connectMillis = Math.toIntExact(config.connectTimeoutMillis());
    return vertx
        .httpClientBuilder()
        .with(
            new HttpClientOptions()
                .setHttp2ClearTextUpgrade(false)
                .setConnectTimeout(connectMillis)
                .setSslHandshakeTimeout(connectMillis)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setKeepAlive(keeps)
                .setKeepAliveTimeout(KEEP_SECONDS)
                .setMaxHeaderSize(HEADER_BYTES)
                .setMaxChunkSize(CHUNK_BYTES)
                .setTcpKeepAlive(true))
        // There can be as many connections as clients, so that a call never waits for another's
        // connection.
        .with(new PoolOptions().setHttp1MaxSize(config.clients().maxConnections()))
        .withConnectHandler(this::connected)
        .build();
  }

  private void connected(HttpConnection connection) {
    unused.add(connection);
    // A failure without a handler would be logged as an error. The attempt that it ends tells of
    // it.
    connection.exceptionHandler(broken -> {});
    connection.closeHandler(closed -> unused.remove(connection));
  }

  /**
   * Returns true if a connection is used for the first time. Must be called once, when it is used.
   */
  boolean firstUse(HttpConnection connection) {
    return unused.remove(connection);
  }

  /**
   * Returns a request of which nothing is sent yet. If {@code anew} is true, the request has a new
   * connection, which reaches the process that listens there now and is closed afterwards.
   * Otherwise the request has a connection that was kept before, or one that is kept from now on.
   */
  Future<HttpClientRequest> request(Origin origin, HttpMethod method, String uri, boolean anew) {
    return (anew ? closing : keeping)
        .request(addresses.request(origin.url()).setMethod(method).setURI(uri))
        // The response tells of a failure; without a handler the failure would be logged as an
        // error too.
        .map(request -> request.exceptionHandler(broken -> {}));
  }

  /** An origin's answer. {@code session} is the id that the origin gives; null if it gives none. */
  record Answer(int status, @Nullable String session, Buffer body) {
    boolean isGood() {
      return status >= 200 && status < 300;
    }
  }

  /** Sends a request that the edge makes for itself to the path where the origin takes MCP. */
  Future<Answer> ask(Origin origin, HttpMethod method, Consumer<MultiMap> header, Buffer body) {
    return request(origin, method, origin.mcpPath(), true)
        .compose(
            request -> {
              header.accept(request.headers());
              return request.idleTimeout(config.idleTimeoutMillis()).send(body);
            })
        .compose(
            response ->
                OwnRequest.body(response, MAX_ANSWER_BYTES)
                    .onFailure(_ -> response.request().reset())
                    .map(
                        whole ->
                            new Answer(
                                response.statusCode(),
                                response.getHeader(CallHeaders.SESSION_ID),
                                whole)));
  }

  static boolean keepsCalls(HttpClientResponse head) {
    return head.getHeader(Origins.LEDGER) != null;
  }

  static boolean notRun(HttpClientResponse head) {
    return (head.statusCode() == 503 || head.statusCode() == 403)
        && head.getHeader(NOT_RUN) != null;
  }
}
