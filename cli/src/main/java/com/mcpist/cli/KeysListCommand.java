package com.mcpist.cli;

import com.mcpist.deploy.admin.KeyRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** Which keys there are. */
@Command(
    name = "list",
    description = {
      "Shows the API keys, the newest first, without the keys themselves.",
      "",
      "With --json: an array of {\"id\", \"name\", \"user\", \"created\", \"expires\","
          + " \"revoked\"}; the last three are moments, ISO 8601, or null."
    },
    footer = {"", "Examples:", "  mcpist keys list", "  mcpist keys list --json | jq '.[].name'"})
final class KeysListCommand implements Callable<Integer> {
  private static final int MOST = 1000;

  @Mixin private SiteOptions where = new SiteOptions();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many at most, 1 to " + MOST + " (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  @Option(names = "--json", description = "For programs.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (limit < 1 || limit > MOST) {
      throw Failure.usage("--limit must be 1 to " + MOST + ", not " + limit);
    }
    List<KeyRecord> keys = ClientsPlace.open(where).clients().keys(limit, ClientsPlace.deadline());
    System.out.print(json ? json(keys) + "\n" : text(keys, Instant.now()));
    System.out.flush();
    return ExitCode.OK;
  }

  static String text(List<KeyRecord> keys, Instant now) {
    if (keys.isEmpty()) {
      return "There is no key yet. `mcpist keys create NAME` makes one.\n";
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAME", "USER", "STATE", "CREATED", "EXPIRES", "ID"));
    for (KeyRecord key : keys) {
      rows.add(
          List.of(
              key.name(),
              key.user(),
              state(key, now),
              Moments.text(key.created()),
              key.expires().isEmpty() ? "never" : Moments.text(key.expires()),
              key.id()));
    }
    return TextTable.render(rows, rows.getFirst().size(), (column, cell) -> cell);
  }

  private static String state(KeyRecord key, Instant now) {
    if (key.revoked().isPresent()) {
      return "revoked";
    }
    return key.works(now) ? "works" : "expired";
  }

  private static String json(List<KeyRecord> keys) {
    ArrayNode all = JsonMapper.shared().createArrayNode();
    for (KeyRecord key : keys) {
      all.addObject()
          .put("id", key.id())
          .put("name", key.name())
          .put("user", key.user())
          .put("created", iso(key.created()))
          .put("expires", iso(key.expires()))
          .put("revoked", iso(key.revoked()));
    }
    return all.toString();
  }

  private static @Nullable String iso(Optional<Instant> moment) {
    return moment.map(Instant::toString).orElse(null);
  }
}
