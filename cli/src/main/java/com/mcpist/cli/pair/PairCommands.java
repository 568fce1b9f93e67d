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
        "Starts a pair on this machine: database, two origins, edge.",
        "",
        "It runs until Ctrl-C, which stops all of it; what was saved stays. mcpist.yml in"
            + " the current folder describes the pair; without it, defaults do. Without `auth` in"
            + " it, everybody on this machine may call. The servers of mounts.json there are"
            + " mounted.",
        "",
        "DATABASE_URL, if set, is used instead of the embedded PostgreSQL."
      },
      footer = {
        "  # On http://127.0.0.1:8080, until Ctrl-C:",
        "  mcpist up",
        "  # In the background; `mcpist down` stops it:",
        "  mcpist up --detach",
        "  # A second pair, on a free port:",
        "  mcpist up --detach --port 0 --data ~/notes"
      })
  public static final class Up extends PairCommand {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(75);
    private static final DateTimeFormatter CLOCK =
        DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    @Option(
        names = "--port",
        paramLabel = "PORT",
        defaultValue = "8080",
        description = "The port for clients; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
        names = {"--detach", "-d"},
        description = "Return when the pair is up, and leave it running.")
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
      AtomicBoolean stopped = new AtomicBoolean();
      // On Ctrl-C nothing of the pair outlives this command, unless it was detached. The last lines
      // are this thread's to show.
      Interruption interruption =
          new Interruption(
              () -> {
                stopped.set(true);
                supervisor.requestStop();
                supervisor.awaitEnd(STOP_LIMIT);
              },
              Duration.ofSeconds(1));
      int code = run(supervisor, guard.admission(), stopped);
      interruption.close();
      return code;
    }

    private int run(SupervisorProcess supervisor, Admission admission, AtomicBoolean stopped)
        throws Exception {
      PairEvent end;
      try (Progress progress = Output.progress(false)) {
        end = supervisor.awaitStart(event -> show(event, progress));
        if (end.kind() == Kind.READY) {
          progress.done();
        }
      }
      if (end.kind() == Kind.FAILED) {
        supervisor.awaitEnd(STOP_LIMIT);
        if (stopped.get()) { // The start did not fail: it was not to go on.
          System.out.println("Stopped.");
          return ExitCode.OK;
        }
        throw Failure.failed(end.text());
      }
      Output.print(hinted(welcome(end.text(), admission, detach, folder())));
      if (detach) {
        supervisor.detach();
        return ExitCode.OK;
      }
      return follow(supervisor);
    }

    private void show(PairEvent event, Progress progress) {
      if (event.kind() == Kind.NOTICE) {
        progress.note(timed(event));
      } else {
        progress.step(event.text());
      }
    }

    /** A line that somebody reads later. */
    private String timed(PairEvent notice) {
      return CLOCK.format(LocalTime.now(ZoneId.systemDefault())) + "  " + hinted(notice.text());
    }

    /** Until it is gone: by Ctrl-C, by `mcpist down`, or by accident. */
    private int follow(SupervisorProcess supervisor)
        throws IOException, InterruptedException, Failure {
      boolean stopping = false;
      for (PairEvent event = supervisor.next(); event != null; event = supervisor.next()) {
        stopping |= event.kind() == Kind.STOPPING;
        System.out.println(event.kind() == Kind.NOTICE ? timed(event) : event.text());
      }
      if (!supervisor.awaitEnd(STOP_LIMIT) || !stopping) {
        throw Failure.failed("the supervisor ended unexpectedly; its programs stop too");
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
        claude mcp add --transport http --scope user mcpist%s%s

      Other clients:
        {"mcpServers": {"mcpist": {"type": "http",
          "url": "%s"%s}}}

      %s
      Data: %s
      """
          .formatted(
              mcp,
              edge,
              who(admission),
              (admission.keys() ? " \\\n    " : " ") + mcp,
              admission.keys() ? " \\\n    --header \"Authorization: Bearer KEY\"" : "",
              mcp,
              admission.keys() ? ",\n    \"headers\": {\"Authorization\": \"Bearer KEY\"}" : "",
              detached ? "It runs in the background; `mcpist down` stops it." : "Ctrl-C stops it.",
              data);
    }

    private static String who(Admission admission) {
      if (admission.open()) {
        return "No authentication: this pair answers only on this machine.";
      }
      if (!admission.tokens()) {
        return "Clients need an API key (KEY): `mcpist keys create NAME` makes one.";
      }
      return admission.keys()
          ? "Clients need a token of the issuer in mcpist.yml, or an API key (KEY):\n"
              + "`mcpist keys create NAME` makes one."
          : "Clients need a token of the issuer in mcpist.yml.";
    }
  }

  @Command(
      name = "down",
      description = {"Stops the pair.", "", "Calls in flight finish, and what was saved stays."},
      footer = {"  mcpist down", "  mcpist down --data ~/notes"})
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
        "Restarts the edge or an origin without a failed call.",
        "",
        "A new edge takes over the port, and the old one finishes its calls. An origin is"
            + " drained first; if no other origin is healthy, calls wait until it is back."
      },
      footer = {"  mcpist restart edge", "  mcpist restart koyeb-primary"})
  public static final class Restart extends PairCommand {
    @Parameters(
        paramLabel = "edge|ORIGIN",
        description = "edge, or an origin's name, as `mcpist status` shows it.")
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
