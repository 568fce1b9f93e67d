package com.mcpist.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** A container of Debian with curl and nothing else, on this machine's network, for one command. */
public final class BareDebian {
  private static final String NAME = "localhost/mcpist-bare:e2e";

  private BareDebian() {}

  /**
   * Runs a command in a new one, as root.
   *
   * @param build a folder that it has as /build
   */
  public static Command.Result run(Path build, String... command) throws IOException {
    ImageBuild.bare(NAME, "curl");
    String name = "mcpist-" + UUID.randomUUID();
    // It would outlive a test that is broken off.
    Thread remove = new Thread(() -> remove(name));
    Runtime.getRuntime().addShutdownHook(remove);
    List<String> line = Container.podman("run", "--rm", "--network=host", "--name=" + name);
    line.addAll(ImageBuild.hardLimits());
    line.addAll(List.of("--volume=" + build.toAbsolutePath() + ":/build:ro", NAME));
    line.addAll(List.of(command));
    try {
      return Tools.run(line);
    } finally {
      remove(name);
      Runtime.getRuntime().removeShutdownHook(remove);
    }
  }

  private static void remove(String name) {
    try {
      var _ = Tools.run(Container.podman("rm", "--force", "--ignore", "--time=0", name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
