package com.mcpist.pair;

import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.edge.Guard;
import com.mcpist.pair.PairEvent.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * The supervisor's process. Its standard output is a JSON line for each {@link PairEvent}. Its
 * standard input is the hand of whoever started it: when that ends the pair stops, unless the line
 * "detach" came before, after which the pair goes on alone.
 */
public final class Main {
  private Main() {}

  /**
   * Runs a pair, from mcpist.yml in the current folder or the built-in one.
   *
   * @param args folder of the programs, data folder, port, release
   */
  public static void main(String[] args) throws InterruptedException {
    Session.begin();
    ObjectMapper json = JsonMapper.builder().build();
    AtomicBoolean detached = new AtomicBoolean();
    PrintStream out = System.out;
    Consumer<PairEvent> events =
        event -> {
          if (!detached.get()) {
            out.println(json.writeValueAsString(event));
            out.flush();
          }
        };
    PairOptions options = options(args, events);
    if (options == null) {
      System.exit(1);
      return;
    }
    Supervisor supervisor = new Supervisor(options, events);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().unstarted(() -> stopAndWait(supervisor, stopped)));
    Thread.ofPlatform().daemon().start(() -> obey(supervisor, detached));
    boolean started = false;
    try {
      started = supervisor.run();
    } finally {
      stopped.countDown();
      System.exit(started ? 0 : 1);
    }
  }

  private static @Nullable PairOptions options(String[] args, Consumer<PairEvent> events) {
    try {
      Deployment deployment = DeploymentFile.find(Path.of("").toAbsolutePath());
      return new PairOptions(
          Path.of(args[0]),
          Path.of(args[1]),
          Integer.parseInt(args[2]),
          args[3],
          deployment,
          Guard.onThisMachine(deployment, System.getenv()),
          System.getenv(),
          Links.DIRECT);
    } catch (ConfigException e) {
      events.accept(PairEvent.of(Kind.FAILED, String.valueOf(e.getMessage())));
      return null;
    }
  }

  private static void stopAndWait(Supervisor supervisor, CountDownLatch stopped) {
    supervisor.requestStop();
    try {
      stopped.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void obey(Supervisor supervisor, AtomicBoolean detached) {
    try {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      if ("detach".equals(in.readLine())) {
        detached.set(true);
        return;
      }
    } catch (IOException _) {
      // Its end, too.
    }
    supervisor.requestStop();
  }
}
