package com.mcpist.deploy.platform.ssh;

import module java.base;

import com.mcpist.deploy.platform.ssh.HostState.HostRelease;

/**
 * {@code host.sh} between an app's settings and commands, in one group: what arrives in part is not
 * run.
 */
record HostScript(HostedApp app) {
  private static final String FUNCTIONS = resource();

  static String command(String name, String... arguments) {
    return Stream.concat(Stream.of(name), Stream.of(arguments).map(HostScript::quoted))
        .collect(Collectors.joining(" "));
  }

  static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  static String release(HostRelease release) {
    Map<String, String> env = new TreeMap<>(release.env());
    String exports =
        env.entrySet().stream()
            .map(entry -> "export " + entry.getKey() + "=" + quoted(entry.getValue()) + "\n")
            .collect(Collectors.joining());
    return String.join(
        "\n",
        "release_id=" + quoted(release.id()),
        "release_image=" + quoted(release.image().toString()),
        "release_json=" + quoted(release.json()),
        "release_names=" + quoted(String.join(" ", env.keySet())),
        "release_env() {\n:",
        exports + "}");
  }

  String text(List<String> commands) {
    return String.join(
        "\n",
        "{",
        "echo " + quoted(HostAnswers.BEGINNING),
        "app=" + quoted(app.app()),
        "address=" + quoted(app.address()),
        "port=" + app.port(),
        "engines=" + quoted(app.engine().orElse("podman docker")),
        FUNCTIONS,
        String.join("\n", commands),
        "exit 0",
        "}",
        "");
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
