package com.mcpist.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.LocalPlatform;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A pair whose mcpist.yml names a webhook, and what is deployed to it. */
final class LocalDeployment implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String FILE =
      Pair.FILE
          + """
          notifications:
            webhook: HOOK
          """;

  final Pair pair;
  private final FaultServer webhook;
  private final Path folder;

  private LocalDeployment(Pair pair, FaultServer webhook, Path folder) {
    this.pair = pair;
    this.webhook = webhook;
    this.folder = folder;
  }

  static LocalDeployment up() throws IOException {
    FaultServer webhook =
        FaultServer.start()
            .always(new Behaviour.Answer(200, Map.of(), "ok".getBytes(StandardCharsets.UTF_8)));
    Pair pair = Pair.prepare(Map.of("HOOK", webhook.url() + "/hook"));
    Path folder = Files.createDirectories(pair.home().resolve("deployment"));
    Files.writeString(folder.resolve("mcpist.yml"), FILE);
    LocalDeployment deployment = new LocalDeployment(pair, webhook, folder);
    try {
      Command.Result up = deployment.run("up", "--detach", "--port", Integer.toString(pair.port()));
      assertThat(up.code()).as(up.all()).isZero();
      pair.awaitSettled();
      return deployment;
    } catch (IOException | AssertionError e) {
      deployment.close();
      throw e;
    }
  }

  /** A folder for another build. */
  Path build(String name) {
    return pair.home().resolve("builds").resolve(name);
  }

  /** {@code mcpist} in the folder of the file, not started yet. */
  ProcessBuilder command(String... arguments) {
    return pair.command(arguments).directory(folder.toFile());
  }

  Command.Result run(String... arguments) throws IOException {
    return Command.run(command(arguments), LIMIT);
  }

  /** The same with --json; what it printed there. */
  JsonNode json(int code, String... arguments) throws IOException {
    Command.Result result =
        run(Stream.concat(Stream.of(arguments), Stream.of("--json")).toArray(String[]::new));
    assertThat(result.code()).as(result.all() + pair.logs()).isEqualTo(code);
    return JsonMapper.shared().readTree(result.out());
  }

  /** The release of each origin, by /health. */
  List<String> releases() throws IOException {
    return pair.status().origins().stream()
        .map(origin -> String.valueOf(origin.release()))
        .toList();
  }

  /** Waits until what a deployment that was stopped had begun has come to its end. */
  void awaitNothingStarting() {
    LocalPair local = new LocalPair(pair.data(), System.getenv());
    for (String origin : List.of(Pair.PRIMARY, Pair.STANDBY)) {
      Conditions.await(
          origin + " is healthy, as its platform says",
          LIMIT,
          () ->
              new LocalPlatform(local, origin).current(Deadline.in(LIMIT, Time.system())).state()
                  == Release.State.HEALTHY);
    }
  }

  /** What people were told. */
  List<String> notices() {
    return webhook.requests().stream()
        .map(HttpMessage::body)
        .map(body -> JsonMapper.shared().readTree(body).path("text").asString())
        .toList();
  }

  @Override
  public void close() throws IOException {
    try (webhook) {
      pair.close();
    }
  }
}
