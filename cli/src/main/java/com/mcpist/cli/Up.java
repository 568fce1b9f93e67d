package com.mcpist.cli;

import com.mcpist.deploy.config.Admission;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.edgeclient.Guard;
import com.mcpist.pair.SupervisorProcess;
import com.mcpist.pair.supervisor.Supervisor.PairEvent;
import com.mcpist.pair.supervisor.Supervisor.PairEvent.Kind;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts a pair and, unless detached, stays with it. */
@Command(
    name = "up",
    description = {
      "Starts a pair on this machine: database, two origins, edge. Stays until Ctrl-C, which stops"
          + " everything; what was saved stays.",
      "",
      "mcpist.yml in the current folder describes the pair; a built-in one does where there is"
          + " none, and says who may call: without `auth` everybody on this machine may.",
      "",
      "DATABASE_URL, when it is set, is used instead of the embedded PostgreSQL."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist up                      on http://127.0.0.1:8080",
      "  mcpist up --detach             in the background; `mcpist down` stops it",
      "  mcpist up --port 0 --data /srv/notes   another pair, on a port that is free"
    })
final class Up implements Callable<Integer> {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(75);

  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description = "Where clients connect; 0: one that is free (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = {"--detach", "-d"},
      description = "Return when it is up, and leave it running.")
  private boolean detach;

  @Override
  public Integer call() throws Exception {
    if (port < 0 || port > 65_535) {
      throw Failure.usage("--port must be 0 to 65535, not " + port);
    }
    // Wrong configuration is wrong usage: said here.
    Guard guard = Guard.onThisMachine(DeploymentFile.find(Main.callersFolder()), System.getenv());
    SupervisorProcess supervisor =
        SupervisorProcess.start(
            App.folder(), data.folder(), port, Release.name(), Main.callersFolder());
    CountDownLatch over = new CountDownLatch(1);
    Thread stopper = Thread.ofPlatform().unstarted(() -> stop(supervisor, over));
    Runtime.getRuntime().addShutdownHook(stopper);
    int code = run(supervisor, guard.admission());
    over.countDown();
    return code;
  }

  private int run(SupervisorProcess supervisor, Admission admission) throws Exception {
    PrintStream out = System.out;
    PairEvent end;
    try (Progress progress = new Progress(Terminal.detect(), out)) {
      end = supervisor.awaitStart(event -> progress.step(event.text()));
      if (end.kind() == Kind.READY) {
        progress.done();
      }
    }
    if (end.kind() == Kind.FAILED) {
      supervisor.awaitEnd(STOP_LIMIT);
      throw Failure.failed(end.text());
    }
    out.print(Welcome.text(end.text(), admission, detach, data.folder()));
    out.flush();
    if (detach) {
      supervisor.detach();
      return ExitCode.OK;
    }
    return follow(supervisor, out);
  }

  /** Until it is gone: by Ctrl-C, by `mcpist down`, or by accident. */
  private static int follow(SupervisorProcess supervisor, PrintStream out)
      throws IOException, InterruptedException, Failure {
    boolean stopping = false;
    for (PairEvent event = supervisor.next(); event != null; event = supervisor.next()) {
      stopping |= event.kind() == Kind.STOPPING;
      out.println(event.text());
    }
    if (!supervisor.awaitEnd(STOP_LIMIT) || !stopping) {
      throw Failure.failed("the supervisor ended unexpectedly; its programs stop too");
    }
    out.println("Stopped.");
    return ExitCode.OK;
  }

  /** On Ctrl-C: nothing of the pair outlives this command, unless it was detached. */
  private void stop(SupervisorProcess supervisor, CountDownLatch over) {
    if (over.getCount() == 0) {
      return;
    }
    supervisor.requestStop();
    try {
      supervisor.awaitEnd(STOP_LIMIT);
      // The last lines are the main thread's to show.
      over.await(1, java.util.concurrent.TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
