package com.mcpist.edge.proxy;

import com.mcpist.edge.auth.Authentication;
import com.mcpist.edge.limits.LimitSettings;
import com.mcpist.edge.listen.ListeningSocket;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/** An edge before two scripted origins, with limits short enough for tests. */
final class TestEdge implements AutoCloseable {
  static final String SECRET = "the-secret-of-the-gateway-0123456789";
  static final String CALL =
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"save\"}}";
  static final String ANSWER = "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"content\":[]}}";

  final FaultServer first = FaultServer.start();
  final FaultServer second = FaultServer.start();
  final TestOrigins origins;
  final ProxyServer server;
  private final ListeningSocket socket;
  private final Vertx vertx;

  private TestEdge(ProxyConfig config, Function<Vertx, Gate> gate) {
    socket = socket(config);
    vertx = socket.vertx(new VertxOptions());
    origins = new TestOrigins(vertx, first, second);
    server =
        await(ProxyServer.start(vertx, socket, config, gate.apply(vertx), origins, () -> SECRET));
  }

  private static ListeningSocket socket(ProxyConfig config) {
    try {
      return ListeningSocket.bind(config.host(), config.port());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TestEdge start() {
    return start(config -> config);
  }

  static TestEdge start(UnaryOperator<ProxyConfig> change) {
    return start(change, new Authentication.Open(true), LimitSettings.NONE);
  }

  static TestEdge start(
      UnaryOperator<ProxyConfig> change, Authentication authentication, LimitSettings limits) {
    return start(change, authentication, limits, System::nanoTime);
  }

  static TestEdge start(
      UnaryOperator<ProxyConfig> change,
      Authentication authentication,
      LimitSettings limits,
      LongSupplier nanos) {
    return new TestEdge(
        change.apply(
            new ProxyConfig(
                "127.0.0.1",
                0,
                400,
                1_000,
                1_000,
                300_000,
                4 * 1024 * 1024,
                64 * 1024 * 1024,
                Replay.ALL,
                ClientLimits.defaults(),
                new HostNames(Set.of("localhost", "a")))),
        vertx -> Gate.start(vertx, authentication, limits, nanos));
  }

  HttpMessage call() throws IOException {
    return call("");
  }

  HttpMessage call(String headers) throws IOException {
    return post(headers, CALL);
  }

  HttpMessage post(String headers, String json) throws IOException {
    return RawHttp.exchange(server.port(), RawHttp.post("/mcp", headers, json));
  }

  HttpMessage get(String target) throws IOException {
    return RawHttp.exchange(
        server.port(), "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  /**
   * Waits until the edge has done all that it had begun: a client may read an answer before the
   * edge has noticed that it is sent.
   */
  void settle() {
    for (EventExecutor loop : ((VertxInternal) vertx).nettyEventLoopGroup()) {
      loop.submit(() -> {}).syncUninterruptibly();
    }
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException {
    await(server.drain(Duration.ZERO, Duration.ofMillis(50)));
    await(vertx.close());
    first.close();
    second.close();
  }
}
