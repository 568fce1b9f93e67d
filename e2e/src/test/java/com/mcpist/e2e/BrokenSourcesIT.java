package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources that do not compile, in a checkout of which a pair runs: nobody is locked out of it. */
@Tag("long")
class BrokenSourcesIT {

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("status"),
          List.of("logs"),
          List.of("drain", Pair.PRIMARY),
          List.of("undrain", Pair.PRIMARY),
          List.of("restart", Pair.STANDBY),
          List.of("restart", "edge"),
          List.of("rollback"),
          List.of("history"),
          List.of("verify"),
          List.of("secrets", "check"),
          List.of("keys", "list"));

  @Test
  void everythingButWhatStartsProgramsGoesOn(@TempDir Path folder) throws Exception {
    Path checkout = checkout(folder);
    try (Pair pair = Pair.prepare(Map.of())) {
      Command.Result up =
          run(pair, checkout, "up", "--detach", "--port", Integer.toString(pair.port()));
      assertThat(up.code()).as(up.all()).isZero();
      pair.awaitSettled();
      Path another = another(folder);
      Command.Result deployed =
          run(pair, checkout, "deploy", "--image", another.toString(), "--release", "two");
      assertThat(deployed.code()).as(deployed.all()).isZero();

      Files.writeString(checkout.resolve("cli/src/main/Broken.java"), "class Broken {");

      for (String starting : List.of("up", "deploy")) {
        Command.Result refused = run(pair, checkout, starting);
        assertThat(refused.code()).as(refused.all()).isEqualTo(1);
        assertThat(refused.err()).contains("Broken.java: reached end of file", "the build failed");
      }
      for (List<String> command : COMMANDS) {
        Command.Result result = run(pair, checkout, command.toArray(String[]::new));
        assertThat(result.code()).as(command + result.all()).isZero();
        assertThat(result.err()).as(command.toString()).doesNotContain("mcpist: ");
      }
      assertThat(pair.status().origin(Pair.PRIMARY).release())
          .as("rolled back")
          .isNotEqualTo("two");
      Files.delete(checkout.resolve(".mcpist/current"));
      assertThat(run(pair, checkout, "down").code()).as("without a current build").isZero();
      pair.assertNoProcess();
    }
  }

  /**
   * With the real launcher, the programs under test as its build, and a compiler that finds fault.
   */
  private static Path checkout(Path folder) throws IOException {
    Path checkout = Files.createDirectories(folder.resolve("checkout"));
    Files.copy(
        Root.PATH.resolve("mcpist"),
        checkout.resolve("mcpist"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Path maven = checkout.resolve("mvnw");
    Files.writeString(
        maven,
        "#!/bin/sh\necho '[ERROR] Broken.java: reached end of file while parsing'\nexit 1\n");
    Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(checkout.resolve("pom.xml"), "");
    for (String module :
        List.of(
            "testkit",
            "module",
            "telemetry",
            "database",
            "origin",
            "edge",
            "deploy",
            "pair",
            "drill",
            "cli")) {
      Files.createDirectories(checkout.resolve(module).resolve("src/main"));
      Files.writeString(checkout.resolve(module).resolve("pom.xml"), "");
    }
    copy(Root.APP, checkout.resolve(".mcpist/releases/one"));
    Files.writeString(checkout.resolve(".mcpist/current"), "one\n");
    Path built = Files.writeString(checkout.resolve(".mcpist/built"), "");
    Files.setLastModifiedTime(built, FileTime.from(Instant.now()));
    return checkout;
  }

  /** Another build of the origin. */
  private static Path another(Path folder) throws IOException {
    Path another = folder.resolve("another");
    copy(Root.APP.resolve("origin"), another);
    Files.writeString(another.resolve("BUILD"), "another");
    return another;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static Command.Result run(Pair pair, Path checkout, String... arguments)
      throws IOException {
    String[] all =
        Stream.of(
                Stream.of(checkout.resolve("mcpist").toString()),
                Stream.of(arguments),
                Stream.of("--data", pair.data().toString()))
            .flatMap(part -> part)
            .toArray(String[]::new);
    ProcessBuilder builder = Root.process(pair.home(), all).directory(pair.home().toFile());
    builder.environment().remove("MCPIST_APP");
    return Command.run(builder);
  }
}
