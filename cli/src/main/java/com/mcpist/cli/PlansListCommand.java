package com.mcpist.cli;

import com.mcpist.deploy.admin.Clients.PlanLimits;
import com.mcpist.deploy.admin.Clients.Plans;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Which plans there are, and who has which. */
@Command(
    name = "list",
    description = {
      "Shows the plans, and which users have another one than standard.",
      "",
      "Where there are more users than --limit shows, standard error says how many there are.",
      "",
      "With --json: one object {\"plans\": [{\"name\", \"callsPerMinute\", \"callsAtOnce\","
          + " \"storageMib\"}],"
          + " \"users\": [{\"user\", \"plan\"}]}."
    },
    footer = {"", "Examples:", "  mcpist plans list", "  mcpist plans list --json | jq '.users'"})
final class PlansListCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "How many users at most, 1 to " + ListLimit.MOST + " (default: ${DEFAULT-VALUE}).")
  private int limit = 1000;

  @Option(names = "--json", description = "For programs.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    ListLimit.check(limit);
    Plans plans = ClientsPlace.open(where).clients().plans(limit, ClientsPlace.deadline());
    System.out.print(json ? json(plans) + "\n" : text(plans));
    System.out.flush();
    if (plans.totalUsers() > plans.users().size()) {
      System.err.println(
          "%d of %d users are shown, by name. %s"
              .formatted(
                  plans.users().size(), plans.totalUsers(), ListLimit.rest(plans.totalUsers())));
    }
    return ExitCode.OK;
  }

  static String text(Plans plans) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("PLAN", "CALLS A MINUTE", "AT ONCE", "STORAGE"));
    for (PlanLimits plan : plans.plans()) {
      rows.add(
          List.of(
              plan.name(),
              Integer.toString(plan.callsPerMinute()),
              Integer.toString(plan.callsAtOnce()),
              plan.storageMib().map(mib -> mib + " MiB").orElse("not limited")));
    }
    StringBuilder text = new StringBuilder(TextTable.render(rows, 1, (column, cell) -> cell));
    if (!plans.users().isEmpty()) {
      List<List<String>> users = new ArrayList<>();
      users.add(List.of("USER", "PLAN"));
      plans.users().forEach(one -> users.add(List.of(one.user(), one.plan())));
      text.append('\n').append(TextTable.render(users, 2, (column, cell) -> cell));
    }
    return text.toString();
  }

  private static String json(Plans plans) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    ArrayNode all = json.putArray("plans");
    for (PlanLimits plan : plans.plans()) {
      all.addObject()
          .put("name", plan.name())
          .put("callsPerMinute", plan.callsPerMinute())
          .put("callsAtOnce", plan.callsAtOnce())
          .put("storageMib", plan.storageMib().orElse(null));
    }
    ArrayNode users = json.putArray("users");
    plans.users().forEach(one -> users.addObject().put("user", one.user()).put("plan", one.plan()));
    return json.toString();
  }
}
