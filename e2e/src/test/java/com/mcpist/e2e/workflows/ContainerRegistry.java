package com.mcpist.e2e.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.host.OciImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** A real registry of images on this machine, for one user. */
final class ContainerRegistry implements AutoCloseable {
  private static final String IMAGES = "data/docker/registry/v2/repositories";

  private final Path folder;
  private final Process process;
  private final int port = Ports.free();

  /**
   * Starts it.
   *
   * @param program where it is on this machine
   * @param user a line of htpasswd
   */
  ContainerRegistry(Path program, Path folder, String user) throws IOException {
    this.folder = Files.createDirectories(folder);
    Path users = Files.writeString(folder.resolve("users"), user + "\n");
    Path config =
        Files.writeString(
            folder.resolve("config.yml"),
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: "127.0.0.1:%d", relativeurls: true, secret: of-a-test}
            auth: {htpasswd: {realm: test, path: %s}}
            """
                .formatted(folder.resolve("data"), port, users));
    Path log = folder.resolve("log");
    process =
        new ProcessBuilder(program.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Conditions.await("the registry answers", () -> status() == 401);
  }

  private int status() throws IOException {
    return RawHttp.exchange(port, "GET /v2/ HTTP/1.1\r\nHost: registry\r\n\r\n").status();
  }

  int port() {
    return port;
  }

  /**
   * Stores an image there, as somebody who may.
   *
   * @param login what {@code docker login} would keep: user and password with a colon between
   */
  void push(OciImage image, String repository, String tag, String login) throws IOException {
    Path layout = image.write(Files.createTempDirectory(folder, "pushed"));
    String auth = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    Path logins =
        Files.writeString(
            layout.resolve("auth.json"),
            "{\"auths\": {\"127.0.0.1:%d\": {\"auth\": \"%s\"}}}".formatted(port, auth));
    Command.Result copied =
        Command.run(
            new ProcessBuilder(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--preserve-digests",
                "--dest-tls-verify=false",
                "--dest-authfile=" + logins,
                "oci:" + layout,
                "docker://127.0.0.1:%d/%s:%s".formatted(port, repository, tag)));
    assertThat(copied.code()).as(copied.all()).isZero();
  }

  /** The tags of a repository. */
  List<String> tags(String repository) throws IOException {
    Path tags = folder.resolve(IMAGES).resolve(repository).resolve("_manifests/tags");
    if (!Files.isDirectory(tags)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(tags)) {
      return all.map(tag -> tag.getFileName().toString()).sorted().toList();
    }
  }

  /** The digest that a tag has now. */
  String digest(String repository, String tag) throws IOException {
    return Files.readString(
        folder
            .resolve(IMAGES)
            .resolve(repository)
            .resolve("_manifests/tags")
            .resolve(tag)
            .resolve("current/link"));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
