package com.mcpist.cli;

import com.mcpist.deploy.admin.Clients.KeyList;
import com.mcpist.deploy.admin.Clients.KeyRecord;
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
      "Shows the API keys, those that work first, then the newest, without the keys themselves.",
      "",
      "FINGERPRINT is the beginning of a key's digest: an edge calls the holder of a key by it,"
          + " behind key:, so that what it says can be matched.",
      "",
      "With --json: an array of {\"id\", \"name\", \"user\", \"created\", \"expires\","
          + " \"revoked\", \"fingerprint\"}; created, expires and revoked are moments, ISO 8601, or"
          + " null. A key that has expired is revoked as of then once another one has its name.",
      "",
      "Where there are more than --limit shows, standard error says how many there are in all."
    },
    footer = {"", "Examples:", "  mcpist keys list", "  mcpist keys list --json | jq '.[].name'"})
final class KeysListCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many at most, 1 to " + ListLimit.MOST + " (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  @Option(names = "--json", description = "For programs.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    ListLimit.check(limit);
    Instant now = Instant.now();
    KeyList keys = ClientsPlace.open(where).clients().keys(limit, now, ClientsPlace.deadline());
    System.out.print(json ? json(keys.keys()) + "\n" : text(keys.keys(), now));
    System.out.flush();
    if (keys.total() > keys.keys().size()) {
      System.err.println(
          "%d of %d keys are shown, those that work first; %d work in all. %s"
              .formatted(
                  keys.keys().size(), keys.total(), keys.working(), ListLimit.rest(keys.total())));
    }
    return ExitCode.OK;
  }

  static String text(List<KeyRecord> keys, Instant now) {
    if (keys.isEmpty()) {
      return "There is no key yet. `mcpist keys create NAME` makes one.\n";
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAME", "USER", "STATE", "CREATED", "EXPIRES", "FINGERPRINT", "ID"));
    for (KeyRecord key : keys) {
      rows.add(
          List.of(
              key.name(),
              key.user(),
              state(key, now),
              Moments.text(key.created()),
              key.expires().isEmpty() ? "never" : Moments.text(key.expires()),
              key.fingerprint(),
              key.id()));
    }
    return TextTable.render(rows, rows.getFirst().size(), (column, cell) -> cell);
  }

  private static String state(KeyRecord key, Instant now) {
    if (key.works(now)) {
      return "works";
    }
    return key.expired(now) ? "expired" : "revoked";
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
          .put("revoked", iso(key.revoked()))
          .put("fingerprint", key.fingerprint());
    }
    return all.toString();
  }

  private static @Nullable String iso(Optional<Instant> moment) {
    return moment.map(Instant::toString).orElse(null);
  }
}
