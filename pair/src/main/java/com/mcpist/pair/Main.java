package com.mcpist.pair;

import module java.base;

import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.pair.data.KeptVariables;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.CLibrary;
import com.mcpist.pair.supervisor.PairOptions;
import com.mcpist.pair.supervisor.Supervisor;
import com.mcpist.pair.supervisor.Supervisor.PairEvent;
import com.mcpist.pair.supervisor.Supervisor.PairEvent.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The supervisor's process: a JSON line of output for each {@link PairEvent}. As its standard input
 * ends the pair stops, unless the line "detach" came before.
 */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  /** The arguments are the folder of the programs, the data folder, the port, the release. */
  public static void main(String[] args) throws InterruptedException {
    CLibrary.bePrivate();
    CLibrary.beginSession();
    AtomicBoolean detached = new AtomicBoolean();
    Consumer<PairEvent> events =
        event -> {
          if (!detached.get()) {
            System.out.println(JsonMapper.shared().writeValueAsString(event));
            System.out.flush();
          }
        };
    Supervisor supervisor =
        new Supervisor(Path.of(args[1]), System.getenv(), () -> options(args), events);
    CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    Thread hook =
        Thread.ofPlatform()
            .unstarted(
                () -> {
                  supervisor.requestStop();
                  stopped.join();
                });
    Runtime.getRuntime().addShutdownHook(hook);
    Thread.ofPlatform().daemon().start(() -> obey(supervisor, detached));
    AtomicBoolean ready = new AtomicBoolean();
    Thread starter =
        Thread.ofPlatform().name("start").start(() -> start(supervisor, events, ready));
    supervisor.awaitStopRequest();
    starter.interrupt();
    starter.join();
    try {
      supervisor.close();
    } finally {
      stopped.complete(true); // Also where a step of it failed: the hook must not wait for ever.
    }
    System.exit(ready.get() ? 0 : 1);
  }

  private static void start(
      Supervisor supervisor, Consumer<PairEvent> events, AtomicBoolean ready) {
    try {
      supervisor.start();
      ready.set(true);
      return;
    } catch (PairException | ConfigException e) {
      LOG.info("the start failed", e);
      events.accept(new PairEvent(Kind.FAILED, String.valueOf(e.getMessage())));
    } catch (InterruptedException _) {
      LOG.info("stopping, as was asked");
    } catch (RuntimeException | Error e) {
      LOG.error("a fault of the supervisor's own", e);
      events.accept(new PairEvent(Kind.FAILED, "the supervisor failed: " + e));
    }
    supervisor.requestStop();
  }

  private static PairOptions options(String[] args) throws PairException {
    Path folder = Path.of("").toAbsolutePath();
    Deployment deployment = DeploymentFile.find(folder);
    Path data = Path.of(args[1]);
    Map<String, String> environment = new KeptVariables(data).with(System.getenv());
    return new PairOptions(
        Path.of(args[0]),
        data,
        Integer.parseInt(args[2]),
        args[3],
        deployment,
        Guard.onThisMachine(deployment, environment),
        environment,
        PairOptions.Links.DIRECT,
        Optional.of(PairOptions.Texts.read(folder)));
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
