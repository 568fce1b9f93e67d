package com.mcpist.cli;

import com.mcpist.deploy.admin.Clients.Storage;
import com.mcpist.deploy.admin.Clients.StorageUser;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** Who has stored how much. */
@Command(
    name = "list",
    description = {
      "Shows who has stored something, with what is kept of calls so that none is done twice; who"
          + " has stored most comes first.",
      "",
      "Where there are more than --limit shows, standard error says how many there are.",
      "",
      "With --json: an array of {\"user\", \"plan\", \"storedBytes\"}."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist users list --limit 5",
      "  mcpist users list --json | jq '.[0]'"
    })
final class UsersListCommand implements Callable<Integer> {
  private static final int MOST = 1_000;
  private static final double MIB = 1024.0 * 1024;

  @Mixin private SiteOptions where = new SiteOptions();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many users at most, 1 to " + MOST + " (default: ${DEFAULT-VALUE}).")
  private int limit = 20;

  @Option(names = "--json", description = "For programs.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (limit < 1 || limit > MOST) {
      throw Failure.usage("--limit must be 1 to " + MOST + ", not " + limit);
    }
    Storage storage = ClientsPlace.open(where).clients().storage(limit, ClientsPlace.deadline());
    System.out.print(json ? json(storage) + "\n" : text(storage));
    System.out.flush();
    if (storage.totalUsers() > storage.users().size()) {
      System.err.println(
          "%d of %d users are shown, those who have stored most."
              .formatted(storage.users().size(), storage.totalUsers()));
    }
    return ExitCode.OK;
  }

  private static String text(Storage storage) {
    if (storage.users().isEmpty()) {
      return "Nobody has stored anything yet.\n";
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("USER", "PLAN", "STORED"));
    for (StorageUser one : storage.users()) {
      String mib = String.format(Locale.ROOT, "%.1f MiB", one.bytes() / MIB);
      rows.add(List.of(one.user(), one.plan(), mib));
    }
    return TextTable.render(rows, 2, (column, cell) -> cell);
  }

  private static String json(Storage storage) {
    ArrayNode all = JsonMapper.shared().createArrayNode();
    for (StorageUser one : storage.users()) {
      all.addObject()
          .put("user", one.user())
          .put("plan", one.plan())
          .put("storedBytes", one.bytes());
    }
    return all.toString();
  }
}
