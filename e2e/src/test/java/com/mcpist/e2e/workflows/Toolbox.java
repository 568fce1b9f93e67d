package com.mcpist.e2e.workflows;

import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What a workflow is run with on this machine. */
final class Toolbox {
  /** What stands in for what a workflow calls outside of this repository. */
  static final Path STAND_INS = Root.PATH.resolve("e2e/src/test/workflows").toAbsolutePath();

  private Toolbox() {}

  /** Runs workflows. */
  static Optional<Path> act() {
    return find("act");
  }

  /** Checks workflows. */
  static Optional<Path> actionlint() {
    return find("actionlint");
  }

  /** The yq that GitHub's machines have; Debian's is another program, which the path may have. */
  static Optional<Path> yq() {
    return fromGo().map(folder -> folder.resolve("yq")).filter(Files::isExecutable).findFirst();
  }

  /** A registry of images. */
  static Optional<Path> registry() {
    return find("docker-registry");
  }

  /**
   * A folder that comes first on a job's path: yq, and stand-ins for what cannot be run whole.
   *
   * @param folder where it is made
   */
  static Path bin(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.createSymbolicLink(folder.resolve("yq"), yq().orElseThrow());
    try (Stream<Path> tools = Files.list(STAND_INS.resolve("bin"))) {
      for (Path tool : tools.toList()) {
        Path name = Objects.requireNonNull(tool.getFileName());
        Files.copy(tool, folder.resolve(name.toString()));
      }
    }
    return folder;
  }

  private static Optional<Path> find(String tool) {
    Stream<Path> path = Stream.of(System.getenv("PATH").split(":", -1)).map(Path::of);
    return Stream.concat(path, fromGo())
        .map(folder -> folder.resolve(tool))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Where {@code go install} puts programs. */
  private static Stream<Path> fromGo() {
    String home = System.getProperty("user.home");
    List<String> folders =
        Stream.of(System.getenv("GOBIN"), home + "/go/bin").filter(Objects::nonNull).toList();
    return folders.stream().map(Path::of);
  }
}
