package com.mcpist.cli.mount;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.site.MountVariables;
import com.mcpist.cli.site.SiteCommand.App;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.pair.control.PrivateFolders;
import com.mcpist.pair.process.JvmProgram;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a server tells when an origin starts it, or connects to it, on this machine. */
record Trial(JsonNode told) {
  /** The first start of npx or uvx downloads the program. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  record TrialTool(String name, String offeredAs, String effect) {
    static TrialTool of(JsonNode json) {
      return new TrialTool(
          json.path("name").asString(""),
          json.path("offeredAs").asString(""),
          json.path("effect").asString(""));
    }
  }

  /** Values count more than those of the environment and of the pair in that data folder. */
  static Trial run(
      String name, Mounts mounts, Map<String, String> values, Path data, Progress progress)
      throws Exception {
    Mounts one = mounts.only(name);
    List<String> command =
        JvmProgram.command(
            App.folder().resolve("origin"), "com.mcpist.origin.mount.MountCheck", List.of());
    command.add(name);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(one.env());
    builder.environment().putAll(MountVariables.here(one, data, values));
    builder.environment().put(PrivateFolders.VARIABLE, PrivateFolders.json(data, System.getenv()));
    progress.step("Asking " + name);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      CompletableFuture<String> err =
          CompletableFuture.supplyAsync(
              () -> read(process.getErrorStream()), task -> Thread.ofVirtual().start(task));
      CompletableFuture<String> out =
          CompletableFuture.supplyAsync(
              () -> read(process.getInputStream()), task -> Thread.ofVirtual().start(task));
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw Failure.failed("%s has not answered within %d s.".formatted(name, LIMIT.toSeconds()));
      }
      return new Trial(told(name, out.join(), err.join()));
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  private static JsonNode told(String name, String out, String err) throws Failure {
    try {
      JsonNode told = JsonMapper.shared().readTree(out);
      if (told.has("ok")) {
        return told;
      }
    } catch (JacksonException _) {
      // Said below.
    }
    String last = err.lines().filter(line -> !line.isBlank()).reduce("", (_, line) -> line);
    throw Failure.failed(Failure.sentence(name + " could not be tried: " + last));
  }

  private static String read(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException _) {
      return ""; // It was ended.
    }
  }

  boolean passed() {
    return told.path("ok").asBoolean(false);
  }

  String problem() {
    return told.path("problem").asString("it does not say why");
  }

  /** What a person should know of how it runs here; mostly empty. */
  String notice() {
    return told.path("notice").asString("");
  }

  List<TrialTool> tools() {
    return told.path("tools").valueStream().map(TrialTool::of).toList();
  }

  /** What it is and has, in one line. */
  String summary() {
    JsonNode server = told.path("server");
    String version = server.path("version").asString("");
    return "%s, MCP %s: %s, %s, %s"
        .formatted(
            (server.path("name").asString("a server") + " " + version).strip(),
            told.path("revision").asString("?"),
            counted(tools().size(), "tool"),
            counted(told.path("prompts").asInt(0), "prompt"),
            counted(told.path("resources").asInt(0), "resource"));
  }

  private static String counted(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
