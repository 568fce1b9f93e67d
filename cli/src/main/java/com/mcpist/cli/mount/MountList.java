package com.mcpist.cli.mount;

import module java.base;

import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.console.Wrap;
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
      "Lists the mounted servers and their tools, as the origins see them.",
      "",
      "It shows the state of each server, what each tool does, and which tools have changed"
          + " since they were approved. If no origin answers, it shows mounts.json.",
      "",
      "--json prints an object: {\"mounts\": [{\"name\", \"revision\", \"server\":"
          + " {\"name\", \"version\"}, \"perUser\", \"pin\", \"tools\": [{\"name\", \"offeredAs\","
          + " \"effect\", \"state\"}], \"prompts\", \"resources\", \"origins\": [{\"name\","
          + " \"state\", \"problem\", \"restarts\", \"residentBytes\"}]}]}; of the file"
          + " {\"mounts\": [{\"name\", \"at\"}]}."
    },
    footer = {
      "  mcpist mount list",
      "  mcpist mount list --json | jq -r '.mounts[].tools[].offeredAs'"
    })
final class MountList extends OfFile {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final String NOTHING = "Nothing is mounted. `mcpist mount add` adds a server.\n";

  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  /** A mount as one origin has it. */
  record Of(String origin, Mounted mounted) {}

  @Override
  public Integer call() throws Exception {
    Optional<Map<String, List<Of>>> mounts = asked();
    if (mounts.isEmpty()) {
      Mounts file = deployment().mounts();
      Output.print(json ? Output.json(json(file)) : hinted(text(file)));
    } else {
      Output.print(
          json ? Output.json(json(mounts.get())) : hinted(text(mounts.get(), Terminal.detect())));
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
        ? NOTHING
        : new TextTable<>(List.copyOf(file.servers().properties()))
                .column("MOUNT", Map.Entry::getKey)
                .text("AT", server -> at(server.getValue()))
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

  static String text(Map<String, List<Of>> mounts, Terminal terminal) {
    if (mounts.isEmpty()) {
      return NOTHING;
    }
    List<Of> all = mounts.values().stream().flatMap(List::stream).toList();
    List<Mounted> firsts = mounts.values().stream().map(of -> of.getFirst().mounted()).toList();
    String problems =
        all.stream()
            .flatMap(
                of -> of.mounted().problems().stream().map(problem -> of.origin() + ": " + problem))
            .map(problem -> Wrap.paragraph(problem + ".", 2))
            .collect(Collectors.joining());
    return servers(firsts)
        + "\n"
        + processes(all, terminal)
        + "\n"
        + tools(firsts, terminal)
        + (problems.isEmpty() ? "" : "\n" + problems);
  }

  private static String servers(List<Mounted> mounts) {
    return new TextTable<>(mounts)
        .column("MOUNT", Mounted::name)
        .text("SERVER", mounted -> TextTable.orDash(server(mounted)))
        .column("MCP", mounted -> TextTable.orDash(mounted.revision()))
        .number("TOOLS", mounted -> mounted.tools().size())
        .number("PROMPTS", Mounted::prompts)
        .number("RESOURCES", Mounted::resources)
        .render();
  }

  private static String processes(List<Of> all, Terminal terminal) {
    return new TextTable<>(all)
        .column("MOUNT", of -> of.mounted().name())
        .column("ORIGIN", Of::origin)
        .column("STATE", of -> of.mounted().state(), state -> coloured(state, terminal))
        .number("MEMORY", of -> (of.mounted().residentBytes() >> 20) + " MiB")
        .number("RESTARTS", of -> of.mounted().restarts())
        .render();
  }

  private static String tools(List<Mounted> mounts, Terminal terminal) {
    List<MountedTool> tools = mounts.stream().flatMap(one -> one.tools().stream()).toList();
    return new TextTable<>(tools)
        .column("TOOL", MountedTool::offeredAs)
        .column("EFFECT", MountedTool::effect)
        .column("STATE", MountedTool::state, state -> coloured(state, terminal))
        .render();
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
