package com.mcpist.cli;

import com.mcpist.deploy.admin.Clients.PlanUser;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a user a plan. */
@Command(
    name = "set",
    description = {
      "Gives a user a plan; the one that the user had is forgotten. With --plan standard the user"
          + " is as all who were never given one."
    },
    footer = {"", "Example:", "  mcpist users set alice --plan team"})
final class UsersSetCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();

  @Parameters(
      paramLabel = "USER",
      description = "Whom a key was made for, or what a token has as sub.")
  private String user = "";

  @Option(
      names = "--plan",
      paramLabel = "PLAN",
      required = true,
      description = "The plan, as `mcpist plans list` shows them.")
  private String plan = "";

  @Override
  public Integer call() throws Exception {
    UserNames.check("USER", user);
    PlanNames.check("--plan", plan);
    ClientsPlace.open(where).clients().put(new PlanUser(user, plan), ClientsPlace.deadline());
    System.out.println(user + " has the plan " + plan + ".");
    return ExitCode.OK;
  }
}
