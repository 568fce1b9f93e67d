package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Interruption;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.site.MountVariables;
import com.mcpist.cli.site.SiteCommand.App;
import com.mcpist.cli.site.SiteCommand.PairCommand;
import com.mcpist.cli.status.Status;
import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.pair.SupervisorProcess;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.supervisor.Supervisor.PairEvent;
import com.mcpist.pair.supervisor.Supervisor.PairEvent.Kind;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Starts, stops and restarts a pair on this machine. */
public final class PairCommands {
  private PairCommands() {}

  @Command(
      name = "up",
      description = {
        "Starts a pair on this machine: database, two origins, edge. Stays until Ctrl-C, which"
            + " stops everything; what was saved stays.",
        "",
        "mcpist.yml in the current folder describes the pair; a built-in one does where there is"
            + " none, and says who may call: without `auth` everybody on this machine may. The"
            + " servers of mounts.json there are mounted.",
        "",
        "DATABASE_URL, when it is set, is used instead of the embedded PostgreSQL.",
        "",
        "A pair whose supervisor was killed serves on: `up` takes it over as it is, without a"
            + " failed call. `mcpist service install` starts a pair at boot."
      },
      footer = {
        "  mcpist up                      on http://127.0.0.1:8080",
        "  mcpist up --detach             in the background; `mcpist down` stops it",
        "  mcpist up --port 0 --data /srv/notes   another pair, on a port that is free"
      })
  public static final class Up extends PairCommand {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(75);

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
      Failure.unlessBetween("--port", port, 0, 65_535);
      // Wrong configuration is wrong usage: said here.
      Deployment deployment = App.deployment();
      Guard guard = Guard.onThisMachine(deployment, System.getenv());
      var _ = MountVariables.here(deployment.mounts(), folder());
      SupervisorProcess supervisor =
          SupervisorProcess.start(App.folder(), folder(), port, App.release(), App.callersFolder());
      // On Ctrl-C nothing of the pair outlives this command, unless it was detached. The last lines
      // are this thread's to show.
      Interruption interruption =
          new Interruption(
              () -> {
                supervisor.requestStop();
                supervisor.awaitEnd(STOP_LIMIT);
              },
              Duration.ofSeconds(1));
      int code = run(supervisor, guard.admission());
      interruption.close();
      return code;
    }

    private int run(SupervisorProcess supervisor, Admission admission) throws Exception {
      PairEvent end;
      try (Progress progress = Output.progress(false)) {
        end = supervisor.awaitStart(event -> show(event, progress));
        if (end.kind() == Kind.READY) {
          progress.done();
        }
      }
      if (end.kind() == Kind.FAILED) {
        supervisor.awaitEnd(STOP_LIMIT);
        throw Failure.failed(end.text());
      }
      Output.print(welcome(end.text(), admission, detach, folder()));
      if (detach) {
        supervisor.detach();
        return ExitCode.OK;
      }
      return follow(supervisor);
    }

    private static void show(PairEvent event, Progress progress) {
      if (event.kind() == Kind.NOTICE) {
        progress.line(event.text());
      } else {
        progress.step(event.text());
      }
    }

    /** Until it is gone: by Ctrl-C, by `mcpist down`, or by accident. */
    private static int follow(SupervisorProcess supervisor)
        throws IOException, InterruptedException, Failure {
      boolean stopping = false;
      for (PairEvent event = supervisor.next(); event != null; event = supervisor.next()) {
        stopping |= event.kind() == Kind.STOPPING;
        System.out.println(event.text());
      }
      if (!supervisor.awaitEnd(STOP_LIMIT) || !stopping) {
        throw Failure.failed(
            "the supervisor ended unexpectedly; what it ran serves on: `mcpist up` takes it over.");
      }
      System.out.println("Stopped.");
      return ExitCode.OK;
    }

    /** What a person does with a pair that is up; the URL has no path yet. */
    static String welcome(String url, Admission admission, boolean detached, Path data) {
      // A client compares the address that it was given with the one that tokens are for.
      String edge = admission.tokens() ? "http://localhost:" + URI.create(url).getPort() : url;
      String mcp = edge + EdgeConfig.MCP;
      return """

      MCPist is up: %s
      Status: %s/status
      %s

      Claude Code:
        claude mcp add --transport http mcpist %s%s

      Other clients:
        {"mcpServers": {"mcpist": {"type": "http", "url": "%s"%s}}}

      %s
      """
          .formatted(
              mcp,
              edge,
              who(admission),
              mcp,
              admission.keys() ? " --header \"Authorization: Bearer KEY\"" : "",
              mcp,
              admission.keys() ? ", \"headers\": {\"Authorization\": \"Bearer KEY\"}" : "",
              detached
                  ? "It runs in the background; `mcpist down` stops it. Data: " + data
                  : "Ctrl-C stops it. Data: " + data);
    }

    private static String who(Admission admission) {
      if (admission.open()) {
        return "No authentication: this pair only answers on this machine.";
      }
      if (!admission.tokens()) {
        return "Clients need an API key: `mcpist keys create NAME` makes one.";
      }
      return admission.keys()
          ? "Clients need a token of the issuer in mcpist.yml, or an API key: `mcpist keys create"
              + " NAME` makes one."
          : "Clients need a token of the issuer in mcpist.yml.";
    }
  }

  @Command(
      name = "down",
      description = "Stops the pair: calls in flight finish, what was saved stays.",
      footer = {"  mcpist down", "  mcpist down --data /srv/notes"})
  public static final class Down extends PairCommand {
    @Override
    public Integer call() throws Exception {
      System.out.println(
          pair().stop() ? "Stopped." : "No pair is running in " + folder() + ": nothing to stop.");
      return ExitCode.OK;
    }
  }

  @Command(
      name = "restart",
      description = {
        "Restarts the edge or an origin while the pair serves: no call fails for it.",
        "",
        "A new edge takes over the port and the old one finishes the calls that it has. An origin"
            + " is drained first where another one is healthy; where none is, calls wait until it"
            + " is back."
      },
      footer = {"  mcpist restart edge", "  mcpist restart koyeb-primary"})
  public static final class Restart extends PairCommand {
    @Parameters(
        paramLabel = "edge|ORIGIN",
        description = "The edge, or an origin's name as `mcpist status` shows it.")
    private String name = "";

    @Override
    public Integer call() throws Exception {
      try (Progress progress = Output.progress(false)) {
        Answer<PairStatus> answer = pair().restart(name, progress::step);
        if (answer instanceof Answer.Done<PairStatus>) {
          progress.done();
        }
        return Status.show(answer, false);
      }
    }
  }
}
