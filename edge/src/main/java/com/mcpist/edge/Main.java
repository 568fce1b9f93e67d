package com.mcpist.edge;

import com.mcpist.edge.Edge.ListenException;
import com.mcpist.edge.listen.ListeningSocket;
import com.mcpist.telemetry.PrivateProcess;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program. Its exit codes are 0 when it stopped as asked, 1 when it could not start or stop,
 * and 2 for bad settings.
 */
public final class Main {
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(25);

  /** The time after the drain limit for closing what was cut. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  public static void main(String[] args) {
    PrivateProcess.begin();
    try {
      start(EdgeConfig.fromEnvironment(System.getenv()));
    } catch (ConfigException e) {
      exit(2, e.getMessage());
    } catch (ListenException e) {
      exit(1, e.getMessage());
    } catch (Exception e) {
      LOG.error("could not start", e);
      exit(1, "could not start");
    }
  }

  private static void exit(int code, @Nullable String message) {
    System.err.println("edge: " + message);
    System.exit(code);
  }

  private static void start(EdgeConfig config) {
    ListeningSocket socket = open(config.proxy().host(), config.proxy().port());
    Vertx vertx = socket.vertx(options());
    Edge edge = Edge.start(vertx, socket, config).await();
    // The hook is added before the edge says that it listens, so that a stop right afterwards ends
    // with 0, too.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(vertx, edge), "stop"));
    String address = socket.address().getAddress().getHostAddress();
    String given = socket.inherited() ? ", a socket that it was given" : "";
    LOG.info("edge listens on {}:{}{}", address, edge.port(), given);
    // The exit runs on a thread of its own. It waits for the shutdown hook, which needs the event
    // loop.
    edge.retired().onComplete(_ -> Thread.ofPlatform().name("retired").start(() -> System.exit(0)));
  }

  private static ListeningSocket open(String host, int port) {
    try {
      return ListeningSocket.open(host, port);
    } catch (IOException e) {
      throw ListenException.of(SocketAddress.inetSocketAddress(port, host), e);
    }
  }

  private static VertxOptions options() {
    return new VertxOptions()
        // No file is served. Without these options a folder for files is made at each start.
        .setFileSystemOptions(
            new FileSystemOptions()
                .setClassPathResolvingEnabled(false)
                .setFileCachingEnabled(false));
  }

  /** Stops the edge, in a shutdown hook. Only halt can make the exit code of a SIGTERM 0 there. */
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
