package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Root;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/modules.md says, done from the first step to the last but production. */
class ModuleIT {
  private static final Path EXAMPLE = Root.PATH.resolve("examples/module");
  private static final String VERSION = "0.1.0-SNAPSHOT";
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private Path home;
  private Path checkout;
  private Path counter;
  private int port;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  ModuleIT() {}

  @BeforeEach
  void prepare(@TempDir Path temp) {
    home = temp;
    checkout = temp.resolve("mcpist");
    counter = temp.resolve("counter");
  }

  @Test
  void thePageShowsTheExample() throws IOException {
    String page = Root.text("docs/modules.md");
    for (String file :
        List.of(
            "java/com/example/counter/CounterModule.java",
            "resources/com/example/counter/counter_add.json",
            "resources/db/counter/V1__counter.sql")) {
      assertThat(page)
          .contains(Files.readString(EXAMPLE.resolve("src/main").resolve(file)).strip());
    }
  }

  @Test
  @Tag("long")
  void thePageIsFollowedToItsEnd() throws Exception {
    List<String> steps =
        Stream.of(Root.text("docs/modules.md").split("```sh\n"))
            .skip(1)
            .map(block -> block.substring(0, block.indexOf("```")))
            .toList();
    assertThat(steps).hasSize(4);
    checkOut();
    publish();
    port = Ports.free();

    run(checkout, steps.get(0));
    run(checkout, steps.get(1));
    assertThat(counter.resolve("target/counter-1.0.jar")).isRegularFile();
    assertThat(counter.resolve("target/surefire-reports")).isNotEmptyDirectory();
    try {
      run(counter, steps.get(2).replace("--detach", "--detach --port " + port));
      serve(steps.get(3));
    } finally {
      Command.run(command(counter, "../mcpist/mcpist down"), LIMIT);
    }
  }

  private void serve(String nextVersion) throws Exception {
    awaitHealthy();
    assertThat(count()).isEqualTo(1);
    Processes.kill(Objects.requireNonNull(status().origins().getFirst().pid()));
    assertThat(count()).isEqualTo(2);
    awaitHealthy();
    List<String> before = releases();

    run(counter, nextVersion);

    assertThat(releases()).doesNotContainAnyElementsOf(before);
    assertThat(count()).isEqualTo(3);
    List<String> good = releases();
    long began = System.nanoTime();
    Command.Result bad = deployWithoutItsDefinition();

    assertThat(bad.code()).as(bad.all()).isEqualTo(1);
    assertThat(bad.all())
        .contains("the module com.example.counter.CounterModule of ")
        .contains("counter-1.0.jar: No counter_add.json beside com.example.counter.CounterModule");
    System.out.printf(
        "A bad release was refused in %d ms%n", (System.nanoTime() - began) / 1_000_000);
    awaitHealthy();
    assertThat(releases()).isEqualTo(good);
    assertThat(count()).isEqualTo(4);
  }

  /** On a connection of its own: between two calls a deployment may outlast a kept connection. */
  private int count() throws IOException {
    try (McpConnection client = McpConnection.open(port)) {
      return client.call("counter_add", Map.of("name", "cups")).structured().path("value").asInt();
    }
  }

  private Command.Result deployWithoutItsDefinition() throws IOException {
    Path bad = Files.createDirectories(counter.resolve("target/bad"));
    Path jar =
        Files.copy(counter.resolve("target/counter-1.0.jar"), bad.resolve("counter-1.0.jar"));
    try (FileSystem inside = FileSystems.newFileSystem(jar)) {
      Files.delete(inside.getPath("com/example/counter/counter_add.json"));
    }
    return Command.run(
        command(counter, "MCPIST_MODULES=target/bad ../mcpist/mcpist deploy"), LIMIT);
  }

  private PairStatus status() throws Exception {
    Path data = home.resolve(".local/share/mcpist");
    return new LocalPair(data, System.getenv()).status().orElseThrow();
  }

  private List<String> releases() throws Exception {
    return status().origins().stream().map(origin -> String.valueOf(origin.release())).toList();
  }

  private void awaitHealthy() {
    Conditions.await(
        "both origins are healthy",
        LIMIT,
        () -> status().origins().stream().allMatch(origin -> origin.state().equals("healthy")));
  }

  private void run(Path folder, String script) throws IOException {
    Command.Result result = Command.run(command(folder, script), LIMIT);
    assertThat(result.code()).as(script + result.all()).isZero();
  }

  private ProcessBuilder command(Path folder, String script) {
    ProcessBuilder builder = Root.process(home, "sh", "-euc", script).directory(folder.toFile());
    Path maven = Path.of(System.getProperty("user.home"), ".m2");
    builder.environment().remove("MCPIST_APP");
    builder.environment().put("MAVEN_USER_HOME", maven.toString());
    builder
        .environment()
        .put(
            "MAVEN_ARGS",
            "--offline --batch-mode -Dmaven.repo.local=%s -Dmaven.repo.local.tail=%s"
                .formatted(home.resolve("repository"), maven.resolve("repository")));
    return builder;
  }

  /** With the programs under test as its build, and Maven itself only for the module. */
  private void checkOut() throws IOException {
    Files.createDirectories(checkout.resolve("examples"));
    copy(EXAMPLE, checkout.resolve("examples/module"));
    Files.copy(
        Root.PATH.resolve("mcpist"),
        checkout.resolve("mcpist"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Path root = Root.PATH.toAbsolutePath();
    Files.writeString(
        checkout.resolve("mvnw"),
        """
        #!/bin/sh
        case " $* " in
          *" install "*) ;;
          *" -pl origin,edge,cli "*) mkdir target && cp -R '%1$s/target/app' target ;;
          *) exec '%1$s/mvnw' "$@" ;;
        esac
        """
            .formatted(root));
    Files.setPosixFilePermissions(
        checkout.resolve("mvnw"), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.filter(f -> !f.startsWith(from.resolve("target"))).toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  /** What the first step installs. */
  private void publish() throws IOException {
    publish("mcpist", Root.PATH.resolve("pom.xml"));
    publish("mcpist-module", "module", "target/classes", "");
    publish("telemetry", "telemetry", "target/classes", "");
    publish("database", "database", "target/classes", "");
    publish("testkit", "testkit", "target/classes", "");
    publish("origin", "origin", "target/classes", "");
    publish("origin", "origin", "target/test-classes", "-tests");
  }

  private void publish(String artifact, String folder, String classes, String classifier)
      throws IOException {
    Path module = Root.PATH.resolve(folder);
    Path jar =
        publish(artifact, module.resolve("pom.xml"))
            .resolve(artifact + "-" + VERSION + classifier + ".jar");
    // As its Maven project has it.
    String content = classifier.isEmpty() ? "." : "com/mcpist/origin/fixture";
    int code =
        ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "--create",
                "--file",
                jar.toString(),
                "-C",
                module.resolve(classes).toString(),
                content);
    assertThat(code).isZero();
  }

  private Path publish(String artifact, Path pom) throws IOException {
    Path place =
        Files.createDirectories(
            home.resolve("repository/com/mcpist").resolve(artifact).resolve(VERSION));
    Files.copy(
        pom, place.resolve(artifact + "-" + VERSION + ".pom"), StandardCopyOption.REPLACE_EXISTING);
    return place;
  }
}
