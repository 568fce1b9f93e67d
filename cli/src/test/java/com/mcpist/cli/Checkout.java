package com.mcpist.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A checkout with the real launcher, and a Maven and JDKs that only write down what they are asked
 * for.
 */
final class Checkout {
  final Path folder;
  final Path root;
  final Path jdk;
  final Map<String, String> environment;
  private final Map<Process, Path> outputs = new HashMap<>();

  record Result(int code, String out, String err) {}

  Checkout(Path temp) throws IOException {
    folder = temp.toRealPath();
    root = Files.createDirectories(folder.resolve("check out"));
    Files.copy(
        Path.of(System.getProperty("mcpist.root"), "mcpist"), executable(root.resolve("mcpist")));
    script(root.resolve("mcpist"), Files.readString(root.resolve("mcpist")));
    Files.writeString(root.resolve("pom.xml"), "");
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
            "cli")) {
      Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.writeString(root.resolve(module).resolve("pom.xml"), "");
    }
    maven(
        "for p in origin edge cli; do mkdir -p target/app/$p; echo x >target/app/$p/$p.jar; done");
    jdk = jdk(folder.resolve("jdk"), "25.0.1");
    environment = new TreeMap<>(Map.of("PATH", System.getenv("PATH"), "HOME", folder.toString()));
    environment.put("JAVA_HOME", jdk.toString());
  }

  // A folder of the tools that the launcher uses, so that no java of the machine's is on the path.
  String tools() throws IOException {
    Path tools = Files.createDirectories(folder.resolve("tools"));
    for (String name :
        List.of(
            "sh",
            "cat",
            "cksum",
            "cp",
            "date",
            "dirname",
            "find",
            "grep",
            "head",
            "ls",
            "mkdir",
            "mv",
            "readlink",
            "rm",
            "sed",
            "sleep",
            "tail",
            "touch",
            "tr",
            "wc")) {
      Path link = tools.resolve(name);
      if (!Files.exists(link)) {
        Path tool =
            Stream.of("/bin", "/usr/bin")
                .map(bin -> Path.of(bin, name))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
        Files.createSymbolicLink(link, tool);
      }
    }
    return tools.toString();
  }

  void withoutTheMachinesJdks() throws IOException {
    String text = Files.readString(root.resolve("mcpist"));
    script(
        root.resolve("mcpist"),
        text.replace("/usr/lib/jvm/*", "/none/*").replace("/opt/*", "/none/*"));
  }

  /** So that whatever is written from now on is newer, on any file system. */
  void ageTheBuild() throws IOException {
    Files.setLastModifiedTime(
        root.resolve(".mcpist/built"), FileTime.from(Instant.now().minusSeconds(60)));
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.filter(path -> !path.toString().contains("/.mcpist")).toList()) {
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().minusSeconds(120)));
      }
    }
  }

  void maven(String work) throws IOException {
    script(root.resolve("mvnw"), "#!/bin/sh\necho build >>'" + folder + "/builds'\n" + work + "\n");
  }

  long builds() throws IOException {
    Path builds = folder.resolve("builds");
    return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
  }

  static Path jdk(Path home, String version) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    script(
        home.resolve("bin/java"),
        "#!/bin/sh\necho \"java: "
            + home
            + "\"\necho \"folder: $PWD\"\necho \"locale: ${LC_ALL:-} ${LC_CTYPE:-}\"\n"
            + "for a; do echo \"[$a]\"; done\nexit 7\n");
    script(home.resolve("bin/javac"), "#!/bin/sh\n");
    return home;
  }

  static void script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    executable(file);
  }

  static Path executable(Path file) throws IOException {
    if (Files.exists(file)) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return file;
  }

  Result run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(root.resolve("mcpist").toString()));
    command.addAll(List.of(arguments));
    return run(folder, command);
  }

  Result run(Path in, List<String> command) throws Exception {
    Process process = start(in, command);
    int code = process.waitFor();
    return new Result(code, Files.readString(out(process)), Files.readString(err(process)));
  }

  Process start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(root.resolve("mcpist").toString()));
    command.addAll(arguments);
    return start(folder, command);
  }

  Process start(Path in, List<String> command) throws IOException {
    Path output = Files.createTempDirectory(folder, "run");
    ProcessBuilder builder = new ProcessBuilder(command).directory(in.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectOutput(output.resolve("out").toFile());
    builder.redirectError(output.resolve("err").toFile());
    Process process = builder.start();
    outputs.put(process, output);
    return process;
  }

  Path out(Process process) {
    return outputs.getOrDefault(process, folder).resolve("out");
  }

  Path err(Process process) {
    return outputs.getOrDefault(process, folder).resolve("err");
  }
}
