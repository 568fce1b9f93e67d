package com.mcpist.cli.mount;

import module java.base;

import com.mcpist.cli.console.CommandGroup;
import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.console.Wrap;
import com.mcpist.cli.mount.Trial.TrialTool;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.admin.Mounting;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "mount",
    description = {
      "Puts other MCP servers behind the pair.",
      "",
      "A server is a program (stdio) or an address (Streamable HTTP). Both origins offer"
          + " its tools, as NAME_TOOL: when one dies, the other one answers.",
      "",
      "The servers are in mounts.json beside mcpist.yml, as the mcpServers of Claude"
          + " Desktop, Claude Code and Cursor. A pair on this machine gets a change at once, a"
          + " deployment on platforms with the next `mcpist deploy`."
    },
    subcommands = {
      MountChange.Add.class,
      MountList.class,
      MountCommand.Try.class,
      MountChange.Remove.class,
      MountChange.Import.class,
      MountCommand.Approve.class
    },
    footer = {
      "  mcpist mount add everything \\",
      "      -- npx -y @modelcontextprotocol/server-everything",
      "  mcpist mount import ~/.config/Claude/claude_desktop_config.json",
      "  mcpist mount list"
    })
public final class MountCommand extends CommandGroup {
  /** A command about mounts.json. */
  abstract static class OfFile extends SiteCommand {
    @Option(
        names = "--file",
        paramLabel = "FILE",
        description = "The file (default: mounts.json in the current folder).")
    private Path file = Path.of(Mounts.NAME);

    MountFile read() throws IOException {
      return MountFile.read(file);
    }

    @Override
    public Deployment deployment() {
      return super.deployment().with(Mounts.read(file));
    }
  }

  @Command(
      name = "test",
      description = {
        "Tries a server on this machine, and shows what it offers.",
        "",
        "It starts the server, or connects to it, as an origin does. Nothing is mounted or"
            + " changed.",
        "",
        "--json prints an object: {\"ok\", \"server\", \"revision\", \"tools\": [{\"name\","
            + " \"offeredAs\", \"effect\"}], \"notice\", \"prompts\", \"resources\", \"millis\"},"
            + " or {\"ok\": false, \"problem\"}.",
        "",
        "Exit code 1: it does not answer as an MCP server does."
      },
      footer = {"  mcpist mount test everything", "  mcpist mount test github --json | jq .tools"})
  static final class Try extends OfFile {
    @Mixin private Output output = new Output();

    @Parameters(paramLabel = "NAME", description = "The mount's name.")
    private String name = "";

    @Override
    public Integer call() throws Exception {
      MountFile file = read();
      file.check(name);
      try (Progress progress = output.progress()) {
        Trial trial = Trial.run(name, file.mounts(), Map.of(), pair().data(), progress);
        if (trial.passed()) {
          progress.done();
        }
        if (output.json() || trial.passed()) {
          String notice =
              trial.notice().isEmpty() ? "" : "\n" + Wrap.paragraph(trial.notice() + ".", 2);
          output.print(trial::told, _ -> "\n" + trial.summary() + ".\n\n" + table(trial) + notice);
          return code(trial.passed());
        }
        progress.failed();
        throw Failure.failed(Failure.sentence(name + " does not answer: " + trial.problem()));
      }
    }

    static String table(Trial trial) {
      return new TextTable<>(trial.tools())
          .column("TOOL", TrialTool::name)
          .column("OFFERED AS", TrialTool::offeredAs)
          .column("EFFECT", TrialTool::effect)
          .render();
    }
  }

  @Command(
      name = "approve",
      description = {
        "Approves the tools of a mount as they are now.",
        "",
        "Of a mount with `pin`, tools that have changed are held back until they are approved."
      },
      footer = "  mcpist mount approve github")
  static final class Approve extends OfFile {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    @Parameters(paramLabel = "NAME", description = "The mount's name.")
    private String name = "";

    @Override
    public Integer call() throws Exception {
      Mounting mounting =
          new Mounting(Place.open(this, Place.NOBODY).admin("the origins know what is approved."));
      Deadline deadline = Deadline.in(LIMIT, Time.system());
      List<String> known = mounting.list(deadline).stream().map(Mounting.Mounted::name).toList();
      if (!known.contains(name)) {
        throw known.isEmpty()
            ? Failure.usage("the origins mount nothing.")
            : Failure.unknown("there is no mount", name, known);
      }
      mounting.approve(name, deadline);
      Output.print("The tools of " + name + " are approved as they are now.\n");
      return ExitCode.OK;
    }
  }
}
