package com.mcpist.e2e.workflows;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs workflows as GitHub does, on this machine and without Docker, by nektos/act. Secrets are not
 * masked in what it logs, so that a test can find one.
 */
final class Act {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Pattern ACTION =
      Pattern.compile("uses: ([\\w-]+/([\\w-]+))[\\w/-]*@([0-9a-f]{40})");

  /** On GitHub, each of another system; here they are this one. */
  private static final List<String> MACHINES =
      List.of("ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "macos-15-intel");

  private final Path folder;
  private final Path bin;
  private final Map<String, String> environment;
  private int runs = 100;

  /**
   * @param folder for what it keeps
   * @param environment what the jobs need on this machine that they do not on GitHub's
   */
  Act(Path folder, Map<String, String> environment) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.bin = Toolbox.bin(folder.resolve("bin"));
    this.environment = Map.copyOf(environment);
  }

  /**
   * What happens on GitHub.
   *
   * @param event as {@code push}
   * @param payload what GitHub tells of it
   * @param secrets the repository's, GITHUB_TOKEN among them
   * @param job the only one that is asked for, with all that it needs; empty: all
   */
  record Event(
      String workflow,
      String event,
      JsonNode payload,
      Map<String, String> secrets,
      Optional<String> job) {
    Event {
      secrets = Map.copyOf(secrets);
    }
  }

  /** Runs it on a checkout. */
  Run run(Checkout checkout, Event event, Map<String, String> more) throws IOException {
    Path secrets = folder.resolve("secrets");
    List<String> lines = new ArrayList<>();
    event.secrets().forEach((name, value) -> lines.add(name + "=" + quoted(value)));
    Files.write(secrets, lines);
    Path payload = Files.writeString(folder.resolve("event.json"), event.payload().toString());
    List<String> line = new ArrayList<>();
    line.add(Toolbox.act().orElseThrow().toString());
    line.addAll(List.of(event.event(), "--json", "--insecure-secrets", "--no-cache-server"));
    line.addAll(List.of("-W", ".github/workflows/" + event.workflow()));
    event.job().ifPresent(job -> line.addAll(List.of("-j", job)));
    for (String machine : MACHINES) {
      line.addAll(List.of("-P", machine + "=-self-hosted"));
    }
    line.addAll(List.of("--actor", "me"));
    line.addAll(List.of("-e", payload.toString(), "--secret-file", secrets.toString()));
    line.addAll(List.of("--action-cache-path", folder.resolve("cache").toString()));
    for (String empty : List.of("--env-file", "--var-file", "--input-file")) {
      line.addAll(List.of(empty, "/dev/null"));
    }
    line.addAll(actions(checkout));
    Map<String, String> given = new HashMap<>(environment);
    given.putAll(more);
    given.put("SECRETS", secrets.toString());
    given.put("GITHUB_RUN_ID", Integer.toString(++runs));
    given.forEach((name, value) -> line.addAll(List.of("--env", name + "=" + value)));
    return read(Command.run(process(checkout, line), LIMIT));
  }

  /** A value of several lines is one between quotes. */
  private static String quoted(String value) {
    return value.contains("\n") ? '"' + value + '"' : value;
  }

  private ProcessBuilder process(Checkout checkout, List<String> line) {
    ProcessBuilder process =
        Root.process(folder, line.toArray(String[]::new)).directory(checkout.folder().toFile());
    // Nothing that the machine happens to have set is there on GitHub's.
    process.environment().keySet().retainAll(List.of("PATH", "HOME"));
    process.environment().merge("PATH", bin.toString(), (path, first) -> first + ":" + path);
    return process;
  }

  private static List<String> actions(Checkout checkout) throws IOException {
    List<String> options = new ArrayList<>();
    try (Stream<Path> files = Files.walk(checkout.folder().resolve(".github"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yml")).toList()) {
        ACTION
            .matcher(Files.readString(file))
            .results()
            .filter(action -> !action.group(2).equals("checkout"))
            .map(
                action ->
                    "%s@%s=%s"
                        .formatted(
                            action.group(1),
                            action.group(3),
                            Toolbox.STAND_INS.resolve("actions").resolve(action.group(2))))
            .forEach(option -> options.addAll(List.of("--local-repository", option)));
      }
    }
    return options;
  }

  private static Run read(Command.Result result) {
    List<JsonNode> events =
        result
            .out()
            .lines()
            .filter(line -> line.startsWith("{"))
            .map(line -> JsonMapper.shared().readTree(line))
            .toList();
    if (events.isEmpty()) {
      throw new AssertionError("act has run nothing: " + result.all());
    }
    return new Run(result.code(), events);
  }
}
