package com.mcpist.e2e.harness;

import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The image that {@link ImageBuild} has built, running as narrowly as it may: 256 MB, a file system
 * that cannot be written, no capability, this machine's network.
 */
public final class Container implements AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** What a platform gives it to finish. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private static final List<String> NARROW =
      List.of(
          "--memory=256m",
          "--memory-swap=256m",
          "--read-only",
          "--read-only-tmpfs=false",
          "--cap-drop=all",
          "--security-opt=no-new-privileges",
          "--network=host");

  private final String name;

  private Container(String name) {
    this.name = name;
  }

  /** Starts it in the background. */
  public static Container start(Map<String, String> environment) throws IOException {
    return start(NARROW, environment);
  }

  /**
   * Starts it in the background, on this machine's network, with a file of this machine.
   *
   * @param narrow whether it runs as narrowly as it may, or as podman runs an image by default
   */
  public static Container start(boolean narrow, Path file, Map<String, String> environment)
      throws IOException {
    List<String> options = new ArrayList<>(narrow ? NARROW : List.of("--network=host"));
    options.add("--volume=" + file + ":" + file + ":ro");
    return start(options, environment);
  }

  private static Container start(List<String> limits, Map<String, String> environment)
      throws IOException {
    Container container = new Container("mcpist-" + UUID.randomUUID());
    // It would outlive a test that is broken off.
    Runtime.getRuntime().addShutdownHook(new Thread(container::remove));
    List<String> options = new ArrayList<>(List.of("--detach", "--log-driver=k8s-file"));
    options.add("--name=" + container.name);
    environment.forEach((key, value) -> options.add("--env=" + key + "=" + value));
    var _ = Tools.succeed(run(limits, options, List.of()));
    return container;
  }

  /**
   * Runs it to its end.
   *
   * @param flags of the JVM, before the image's own
   */
  public static Command.Result result(String... flags) throws IOException {
    List<String> options = List.of("--rm", "--entrypoint=/opt/java/bin/java");
    List<String> arguments = new ArrayList<>(List.of(flags));
    arguments.add("@/opt/mcpist/origin.args");
    return Tools.run(run(NARROW, options, arguments));
  }

  /** How the image says that it wants to be run, as podman tells it. */
  public static JsonNode image() throws IOException {
    return JSON.readTree(Tools.succeed(podman("image", "inspect", ImageBuild.NAME))).path(0);
  }

  /** The bytes that a platform has to fetch. */
  public static long compressedImageBytes() throws IOException {
    Path folder = Files.createTempDirectory("mcpist-image");
    try {
      List<String> push = ImageBuild.storage("buildah", "push", "--quiet", "--format", "v2s2");
      push.addAll(List.of(ImageBuild.NAME, "dir:" + folder));
      var _ = Tools.succeed(push);
      long bytes = 0;
      for (JsonNode layer :
          JSON.readTree(Files.readString(folder.resolve("manifest.json"))).path("layers")) {
        bytes += layer.path("size").asLong();
      }
      return bytes;
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  /** What the kernel says of its process, as {@code CapEff}. */
  public String status(String field) throws IOException {
    Matcher line =
        Pattern.compile("(?m)^" + field + ":\\s*(.*)$")
            .matcher(Files.readString(Path.of("/proc", inspect("Pid").asString(), "status")));
    return line.find() ? line.group(1) : "";
  }

  /** The exit code of the image's own health check. */
  public int healthCheck() throws IOException {
    return Tools.run(podman("healthcheck", "run", name)).code();
  }

  /** All that it has logged so far. */
  public String log() throws IOException {
    return Tools.run(podman("logs", name)).all();
  }

  /** Waits until something is so; when it does not become so, the log is told. */
  public void await(String what, Conditions.Check check) throws IOException {
    try {
      Conditions.await(what, Duration.ofMinutes(1), check);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + log(), e);
    }
  }

  /** Stops it as platforms do, by the image's own signal, and returns its exit code. */
  public int stop() throws IOException {
    var _ = Tools.succeed(podman("stop", "--time=" + STOP_LIMIT.toSeconds(), name));
    return inspect("ExitCode").asInt();
  }

  /** Whether it took more memory than it had. */
  public boolean outOfMemory() throws IOException {
    return inspect("OOMKilled").asBoolean();
  }

  private JsonNode inspect(String field) throws IOException {
    return JSON.readTree(Tools.succeed(podman("inspect", name))).path(0).path("State").path(field);
  }

  /** Kills it where it still runs. Nothing happens when it is removed already. */
  @Override
  public void close() throws IOException {
    var _ = Tools.succeed(podman("rm", "--force", "--ignore", "--time=0", name));
  }

  private void remove() {
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> run(List<String> limits, List<String> options, List<String> arguments)
      throws IOException {
    List<String> command = podman("run");
    command.addAll(ImageBuild.hardLimits());
    command.addAll(limits);
    command.addAll(options);
    command.add(ImageBuild.NAME);
    command.addAll(arguments);
    return command;
  }

  static List<String> podman(String... arguments) {
    List<String> command = ImageBuild.storage("podman");
    command.addAll(List.of("--runtime=runc", "--cgroup-manager=cgroupfs"));
    command.add("--events-backend=file");
    command.addAll(List.of(arguments));
    return command;
  }
}
