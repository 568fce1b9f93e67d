package com.mcpist.cli.clients;

import com.mcpist.cli.console.CommandGroup;
import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.cli.site.SiteCommand.ShowCommand;
import com.mcpist.deploy.admin.Clients.PlanUser;
import com.mcpist.deploy.admin.Clients.Storage;
import com.mcpist.deploy.admin.Clients.StorageUser;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "users",
    description = {
      "Gives users plans, shows their storage, and moves their memories.",
      "",
      "A user is whoever a key was made for, or the claim sub of a token. There is nothing"
          + " to create beforehand."
    },
    subcommands = {
      UsersCommand.ListUsers.class,
      UsersCommand.SetPlan.class,
      UserMemories.Export.class,
      UserMemories.Import.class
    },
    footer = {
      "  mcpist users list",
      "  mcpist users set alice --plan team",
      "  mcpist users export alice alice.jsonl",
      "  mcpist users import alice notes/"
    })
public final class UsersCommand extends CommandGroup {
  @Command(
      name = "list",
      description = {
        "Lists the users and how much each has stored, the most first.",
        "",
        "They are all who have stored something, or have another plan than standard. What is stored"
            + " includes the results of calls, which are kept so that no call runs twice.",
        "",
        "--json prints an array of {\"user\", \"plan\", \"storedBytes\", \"subscription\"}: its"
            + " state at Stripe, for who pays.",
        "",
        "If there are more than --limit, standard error says how many."
      },
      footer = {"  mcpist users list --limit 5", "  mcpist users list --json | jq '.[0]'"})
  static final class ListUsers extends ShowCommand {
    private static final int MOST = 1_000;
    private static final double MIB = 1024.0 * 1024;

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "20",
        description = "How many users at most, 1 to " + MOST + " (default: ${DEFAULT-VALUE}).")
    private int limit = 20;

    @Override
    public Integer call() throws Exception {
      Failure.unlessBetween("--limit", limit, 1, MOST);
      Storage storage = ClientsPlace.open(this).clients().storage(limit, ClientsPlace.deadline());
      Output.print(json ? Output.json(storage.users()) : text(storage));
      if (storage.totalUsers() > storage.users().size()) {
        System.err.println(
            "%d of %d users are shown, those who have stored most."
                .formatted(storage.users().size(), storage.totalUsers()));
      }
      return ExitCode.OK;
    }

    static String text(Storage storage) {
      if (storage.users().isEmpty()) {
        return "No user has stored anything or has a plan.\n";
      }
      TextTable<StorageUser> table =
          new TextTable<>(storage.users())
              .column("USER", StorageUser::user)
              .column("PLAN", StorageUser::plan)
              .number("STORED", one -> String.format(Locale.ROOT, "%.1f MiB", one.bytes() / MIB));
      return storage.users().stream().anyMatch(one -> one.subscription().isPresent())
          ? table.column("PAYS", one -> one.subscription().orElse("")).render()
          : table.render();
    }
  }

  @Command(
      name = "set",
      description = {
        "Gives a user a plan, instead of the one before.",
        "",
        "With --plan standard the user is like all who were never given one."
      },
      footer = "  mcpist users set alice --plan team")
  static final class SetPlan extends SiteCommand {
    @Parameters(
        paramLabel = "USER",
        description = "Whoever a key was made for, or the claim sub of a token.")
    private String user = "";

    @Option(
        names = "--plan",
        paramLabel = "PLAN",
        required = true,
        description = "The plan's name, as `mcpist plans list` shows it.")
    private String plan = "";

    @Override
    public Integer call() throws Exception {
      Names.checkUser("USER", user);
      Names.checkPlan("--plan", plan);
      ClientsPlace.open(this).clients().put(new PlanUser(user, plan), ClientsPlace.deadline());
      System.out.println(user + " has the plan " + plan + ".");
      return ExitCode.OK;
    }
  }
}
