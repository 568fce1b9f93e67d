package com.mcpist.deploy.platform.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a host's {@code sh} is sent: the script {@code host.sh} with an app's settings before it and
 * commands behind it. It is one group of commands, so that nothing is run of one that arrives in
 * part.
 */
record HostScript(HostedApp app) {
  private static final String FUNCTIONS = resource();

  /** A command of the script, and what it is given. */
  static String command(String name, String... arguments) {
    return Stream.concat(Stream.of(name), Stream.of(arguments).map(HostScript::quoted))
        .collect(Collectors.joining(" "));
  }

  /** A text as one word of a shell. */
  static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** The settings of a release, for the commands that start one. */
  static String release(HostRelease release) {
    Map<String, String> env = new TreeMap<>(release.env());
    String exports =
        env.entrySet().stream()
            .map(entry -> "export " + entry.getKey() + "=" + quoted(entry.getValue()) + "\n")
            .collect(Collectors.joining());
    return "release_id="
        + quoted(release.id())
        + "\nrelease_image="
        + quoted(release.image().toString())
        + "\nrelease_json="
        + quoted(release.json())
        + "\nrelease_names="
        + quoted(String.join(" ", env.keySet()))
        + "\nrelease_env() {\n:\n"
        + exports
        + "}";
  }

  /** The whole text. */
  String text(List<String> commands) {
    return Stream.of(
            Stream.of(
                "{",
                "echo " + quoted(Answers.beginning()),
                "app=" + quoted(app.app()),
                "address=" + quoted(app.address()),
                "port=" + app.port(),
                "engines=" + quoted(app.engine().orElse("podman docker")),
                FUNCTIONS),
            commands.stream(),
            Stream.of("exit 0", "}", ""))
        .flatMap(part -> part)
        .collect(Collectors.joining("\n"));
  }

  private static String resource() {
    try (InputStream in = HostScript.class.getResourceAsStream("host.sh")) {
      if (in == null) {
        throw new IllegalStateException("host.sh is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
