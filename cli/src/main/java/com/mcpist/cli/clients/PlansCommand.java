package com.mcpist.cli.clients;

import com.mcpist.cli.console.CommandGroup;
import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.cli.site.SiteCommand.ShowCommand;
import com.mcpist.deploy.admin.Clients.PlanLimits;
import com.mcpist.deploy.admin.Clients.PlanUser;
import com.mcpist.deploy.admin.Clients.Plans;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "plans",
    description = {
      "Shows and sets plans, which limit what users may do.",
      "",
      "A plan limits a user's calls a minute, calls at the same time, and storage. A user"
          + " without one has the plan standard. Each origin counts calls for itself; the database"
          + " counts storage."
    },
    subcommands = {PlansCommand.ListPlans.class, PlansCommand.SetPlan.class},
    footer = {
      "  mcpist plans list",
      "  mcpist plans set team --calls-per-minute 1200 --calls-at-once 100",
      "  mcpist users set alice --plan team"
    })
public final class PlansCommand extends CommandGroup {
  @Command(
      name = "list",
      description = {
        "Lists the plans, and the users with another one than standard.",
        "",
        "--json prints an object: {\"plans\": [{\"name\", \"callsPerMinute\","
            + " \"callsAtOnce\", \"storageMib\"}], \"users\": [{\"user\", \"plan\"}]}.",
        "",
        "If there are more users than --limit, standard error says how many."
      },
      footer = {"  mcpist plans list", "  mcpist plans list --json | jq '.users'"})
  static final class ListPlans extends ShowCommand {
    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "1000",
        description =
            "How many users at most, 1 to " + ClientsPlace.MOST + " (default: ${DEFAULT-VALUE}).")
    private int limit = 1000;

    @Override
    public Integer call() throws Exception {
      Failure.unlessBetween("--limit", limit, 1, ClientsPlace.MOST);
      Plans plans = ClientsPlace.open(this).clients().plans(limit, ClientsPlace.deadline());
      Output.print(
          json
              ? Output.json(
                  Output.object().putPOJO("plans", plans.plans()).putPOJO("users", plans.users()))
              : text(plans));
      if (plans.totalUsers() > plans.users().size()) {
        System.err.println(
            "%d of %d users are shown, by name. %s"
                .formatted(
                    plans.users().size(),
                    plans.totalUsers(),
                    ClientsPlace.rest(plans.totalUsers())));
      }
      return ExitCode.OK;
    }

    static String text(Plans plans) {
      String table =
          new TextTable<>(plans.plans())
              .column("PLAN", PlanLimits::name)
              .number("CALLS A MINUTE", PlanLimits::callsPerMinute)
              .number("AT ONCE", PlanLimits::callsAtOnce)
              .number(
                  "STORAGE",
                  plan -> plan.storageMib().map(mib -> mib + " MiB").orElse("not limited"))
              .render();
      return plans.users().isEmpty()
          ? table
          : table
              + "\n"
              + new TextTable<>(plans.users())
                  .column("USER", PlanUser::user)
                  .column("PLAN", PlanUser::plan)
                  .render();
    }
  }

  @Command(
      name = "set",
      description = {
        "Makes a plan, or changes it for everybody who has it.",
        "",
        "A plan cannot be deleted; one that nobody has does nothing."
      },
      footer = {
        "  mcpist plans set team --calls-per-minute 1200 --calls-at-once 100 \\",
        "      --storage-mib 500"
      })
  static final class SetPlan extends SiteCommand {
    private static final int MOST_PER_MINUTE = 1_000_000;
    private static final int MOST_AT_ONCE = 10_000;
    private static final int MOST_MIB = 1_000_000;

    @Parameters(
        paramLabel = "NAME",
        description =
            "The plan's name: 1 to 63 lower-case letters, digits, hyphens and underscores.")
    private String name = "";

    @Option(
        names = "--calls-per-minute",
        paramLabel = "N",
        required = true,
        description = "A user's calls a minute at each origin, 1 to " + MOST_PER_MINUTE + ".")
    private int callsPerMinute;

    @Option(
        names = "--calls-at-once",
        paramLabel = "N",
        required = true,
        description = "A user's calls at the same time at each origin, 1 to " + MOST_AT_ONCE + ".")
    private int callsAtOnce;

    @Option(
        names = "--storage-mib",
        paramLabel = "N",
        description =
            "MiB that a user may store, 1 to "
                + MOST_MIB
                + " (default: as before; 100 for a new plan).")
    private @Nullable Integer storageMib;

    @Override
    public Integer call() throws Exception {
      Names.checkPlan("NAME", name);
      Failure.unlessBetween("--calls-per-minute", callsPerMinute, 1, MOST_PER_MINUTE);
      Failure.unlessBetween("--calls-at-once", callsAtOnce, 1, MOST_AT_ONCE);
      if (storageMib != null) {
        Failure.unlessBetween("--storage-mib", storageMib, 1, MOST_MIB);
      }
      PlanLimits plan =
          new PlanLimits(name, callsPerMinute, callsAtOnce, Optional.ofNullable(storageMib));
      ClientsPlace.open(this).clients().put(plan, ClientsPlace.deadline());
      System.out.println(
          "The plan %s: %s calls a minute, %s at once%s."
              .formatted(
                  name,
                  callsPerMinute,
                  callsAtOnce,
                  storageMib == null ? "" : ", " + storageMib + " MiB"));
      return ExitCode.OK;
    }
  }
}
