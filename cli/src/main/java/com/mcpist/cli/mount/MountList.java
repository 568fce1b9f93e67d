package com.mcpist.cli.mount;

import module java.base;

import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.mount.MountCommand.OfFile;
import com.mcpist.cli.site.Place;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.Mounting;
import com.mcpist.deploy.admin.Mounting.Mounted;
import com.mcpist.deploy.admin.Mounting.MountedTool;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "list",
    description = {
      "Shows what each origin says of its mounts: how each server is, its tools and what they do,"
          + " and which have changed since they were approved. Where no pair runs, and none of a"
          + " deployment answers, it shows mounts.json.",
      "",
      "With --json: one object {\"mounts\": [{\"name\", \"revision\", \"server\": {\"name\","
          + " \"version\"}, \"perUser\", \"pin\", \"tools\": [{\"name\", \"offeredAs\", \"effect\","
          + " \"state\"}], \"prompts\", \"resources\", \"origins\": [{\"name\", \"state\","
          + " \"problem\", \"restarts\", \"residentBytes\"}]}]}; of the file {\"mounts\":"
          + " [{\"name\", \"at\"}]}."
    },
    footer = {
      "  mcpist mount list",
      "  mcpist mount list --json | jq -r '.mounts[].tools[].offeredAs'"
    })
final class MountList extends OfFile {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  @Option(names = "--json", description = "For programs.")
  private boolean json;

  /** A mount as one origin has it. */
  private record Of(String origin, Mounted mounted) {}

  private record Row(String mount, MountedTool tool) {}

  @Override
  public Integer call() throws Exception {
    Optional<Map<String, List<Of>>> mounts = asked();
    if (mounts.isEmpty()) {
      Mounts file = deployment().mounts();
      Output.print(json ? Output.json(json(file)) : text(file));
    } else {
      Output.print(json ? Output.json(json(mounts.get())) : text(mounts.get()));
    }
    return ExitCode.OK;
  }

  /** Empty where nobody tells. */
  private Optional<Map<String, List<Of>>> asked() throws Exception {
    if (isLocal() && pair().status().isEmpty()) {
      return Optional.empty();
    }
    Place place;
    try {
      place = Place.open(this, Place.NOBODY);
    } catch (DeployException _) {
      return Optional.empty(); // Without the secrets of a deployment.
    }
    if (place.site().admin().isEmpty()) {
      return Optional.empty();
    }
    Mounting mounting = new Mounting(place.site().admin().get());
    List<Optional<List<Of>>> told =
        Concurrently.each(place.site().targets(), target -> of(target, mounting));
    Map<String, List<Of>> mounts = new LinkedHashMap<>();
    told.stream()
        .flatMap(Optional::stream)
        .flatMap(List::stream)
        .forEach(
            one -> mounts.computeIfAbsent(one.mounted().name(), _ -> new ArrayList<>()).add(one));
    return told.stream().allMatch(Optional::isEmpty) ? Optional.empty() : Optional.of(mounts);
  }

  private static Optional<List<Of>> of(Target target, Mounting mounting)
      throws InterruptedException {
    try {
      return Optional.of(
          new Mounting(mounting.admin().only(target.client().url()))
              .list(Deadline.in(LIMIT, Time.system())).stream()
                  .map(mounted -> new Of(target.name(), mounted))
                  .toList());
    } catch (AdminException e) {
      System.err.println("mcpist: " + target.name() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private static String text(Mounts file) {
    return file.names().isEmpty()
        ? "Nothing is mounted. `mcpist mount add` does.\n"
        : new TextTable<>(List.copyOf(file.servers().properties()))
                .column("MOUNT", Map.Entry::getKey)
                .column("AT", server -> at(server.getValue()))
                .render()
            + "No origin was asked: this is "
            + file.file()
            + ".\n";
  }

  /** Without its variables and headers. */
  private static String at(JsonNode server) {
    List<String> words = new ArrayList<>();
    words.add(server.path("command").asString(server.path("url").asString("")));
    server.path("args").forEach(word -> words.add(word.asString("")));
    return String.join(" ", words);
  }

  private static ObjectNode json(Mounts file) {
    ObjectNode json = Output.object();
    ArrayNode all = json.putArray("mounts");
    file.servers()
        .forEachEntry((name, server) -> all.addObject().put("name", name).put("at", at(server)));
    return json;
  }

  private static String text(Map<String, List<Of>> mounts) {
    if (mounts.isEmpty()) {
      return "Nothing is mounted. `mcpist mount add` does.\n";
    }
    Terminal terminal = Terminal.detect();
    List<Of> all = mounts.values().stream().flatMap(List::stream).toList();
    List<Row> tools =
        mounts.values().stream()
            .flatMap(
                of ->
                    of.getFirst().mounted().tools().stream()
                        .map(tool -> new Row(of.getFirst().mounted().name(), tool)))
            .toList();
    String problems =
        all.stream()
            .flatMap(
                of -> of.mounted().problems().stream().map(problem -> of.origin() + ": " + problem))
            .map(problem -> problem + ".\n")
            .collect(Collectors.joining());
    return new TextTable<>(all)
            .column("MOUNT", of -> of.mounted().name())
            .column("ORIGIN", Of::origin)
            .column("STATE", of -> of.mounted().state(), state -> coloured(state, terminal))
            .column("SERVER", of -> TextTable.orDash(server(of.mounted())))
            .column("MCP", of -> TextTable.orDash(of.mounted().revision()))
            .number("TOOLS", of -> of.mounted().tools().size())
            .number("PROMPTS", of -> of.mounted().prompts())
            .number("RESOURCES", of -> of.mounted().resources())
            .number("MIB", of -> of.mounted().residentBytes() >> 20)
            .number("RESTARTS", of -> of.mounted().restarts())
            .render()
        + "\n"
        + new TextTable<>(tools)
            .column("TOOL", row -> row.tool().offeredAs())
            .column("EFFECT", row -> row.tool().effect())
            .column("STATE", row -> row.tool().state(), state -> coloured(state, terminal))
            .render()
        + (problems.isEmpty() ? "" : "\n" + problems);
  }

  private static String server(Mounted mounted) {
    return mounted
        .server()
        .map(server -> (server.name() + " " + server.version()).strip())
        .orElse("");
  }

  private static String coloured(String state, Terminal terminal) {
    return switch (state.strip()) {
      case "running", "approved" -> terminal.green(state);
      case "failed", "held" -> terminal.red(state);
      case "starting", "changed" -> terminal.yellow(state);
      default -> state;
    };
  }

  private static ObjectNode json(Map<String, List<Of>> mounts) {
    ObjectNode json = Output.object();
    ArrayNode all = json.putArray("mounts");
    for (List<Of> of : mounts.values()) {
      Mounted first = of.getFirst().mounted();
      ArrayNode origins =
          all.addObject()
              .put("name", first.name())
              .put("revision", first.revision())
              .putPOJO("server", first.server())
              .put("perUser", first.perUser())
              .put("pin", first.pin())
              .putPOJO("tools", first.tools())
              .put("prompts", first.prompts())
              .put("resources", first.resources())
              .putArray("origins");
      for (Of one : of) {
        origins
            .addObject()
            .put("name", one.origin())
            .put("state", one.mounted().state())
            .put("problem", one.mounted().problem())
            .put("restarts", one.mounted().restarts())
            .put("residentBytes", one.mounted().residentBytes());
      }
    }
    return json;
  }
}
