package com.mcpist.edge;

import com.mcpist.edge.listen.ListeningSocket;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The edge's program. Exit codes: 0 stopped as asked, 1 could not start or stop, 2 malformed
 * settings.
 */
public final class Main {
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(25);

  /** After the drain limit, for closing what was cut. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  /** Takes no arguments: all settings come by environment. */
  public static void main(String[] args) throws InterruptedException {
    EdgeConfig config;
    try {
      config = EdgeConfig.fromEnvironment(System.getenv());
    } catch (ConfigException e) {
      System.err.println("edge: " + e.getMessage());
      System.exit(2);
      return;
    }
    ListeningSocket socket;
    try {
      socket = ListeningSocket.open(config.proxy().host(), config.proxy().port());
    } catch (IOException e) {
      System.err.println(
          "edge: "
              + ListenException.of(config.proxy().host(), config.proxy().port(), e).getMessage());
      System.exit(1);
      return;
    }
    if (socket.inherited() && config.supervision() instanceof Supervision.StandardInput) {
      System.err.println(
          "edge: MCPIST_SUPERVISED must be the process number of the supervisor, since standard"
              + " input is a socket");
      System.exit(2);
    }
    run(config, socket);
  }

  private static void run(EdgeConfig config, ListeningSocket socket) throws InterruptedException {
    Vertx vertx = socket.vertx(options());
    CountDownLatch started = new CountDownLatch(1);
    Future<Edge> edge = Edge.start(vertx, socket, config).onComplete(_ -> started.countDown());
    started.await();
    if (edge.failed()) {
      System.err.println("edge: " + message(edge.cause()));
      System.exit(edge.cause() instanceof ConfigException ? 2 : 1);
    }
    // Before anybody is told that it listens: who then stops it at once gets 0, too.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(vertx, edge.result()), "stop"));
    String address = socket.address().getAddress().getHostAddress();
    String given = socket.inherited() ? ", a socket that it was given" : "";
    LOG.info("edge listens on {}:{}{}", address, edge.result().port(), given);
    edge.result().retired().onComplete(_ -> exitSoon());
    Thread.ofPlatform()
        .daemon()
        .name("supervisor")
        .start(() -> exitWithSupervisor(config.supervision()));
  }

  private static VertxOptions options() {
    return new VertxOptions()
        // No file is served: without these a folder for them is made at each start.
        .setFileSystemOptions(
            new FileSystemOptions()
                .setClassPathResolvingEnabled(false)
                .setFileCachingEnabled(false));
  }

  private static String message(Throwable cause) {
    if (cause instanceof ListenException || cause instanceof ConfigException) {
      return String.valueOf(cause.getMessage());
    }
    LOG.error("could not start", cause);
    return "could not start";
  }

  private static void exitWithSupervisor(Supervision supervision) {
    try {
      supervision.awaitEnd();
      System.exit(0);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** From an event loop, which the shutdown hook needs while exit waits for that. */
  private static void exitSoon() {
    Thread.ofPlatform().name("retired").start(() -> System.exit(0));
  }

  /** In a shutdown hook, where only halt can make the exit code of a SIGTERM 0. */
  private static void stop(Vertx vertx, Edge edge) {
    LOG.info("edge stops: calls in flight may finish");
    try {
      edge.stop(DRAIN_LIMIT)
          .transform(_ -> vertx.close())
          .await(DRAIN_LIMIT.plus(CLOSE_LIMIT).toMillis(), TimeUnit.MILLISECONDS);
      LOG.info("edge stopped");
      Runtime.getRuntime().halt(0);
    } catch (Exception e) {
      LOG.error("edge did not stop in time: {}", e.toString());
      Runtime.getRuntime().halt(1);
    }
  }
}
