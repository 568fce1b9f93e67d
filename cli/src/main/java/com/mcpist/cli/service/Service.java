package com.mcpist.cli.service;

import module java.base;

import com.mcpist.pair.data.DataFolder;

/**
 * What is to run at boot: {@code up} in a folder, with variables none of which is secret. A pair of
 * another data folder has a name of its own.
 */
record Service(
    String name, Path launcher, Path folder, Path data, int port, Map<String, String> environment) {
  /** What finds Java, mounted servers and text as it does where the service is installed. */
  private static final List<String> VARIABLES =
      List.of(
          "PATH",
          "LANG",
          "LC_ALL",
          "LC_CTYPE",
          "TZ",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "NODE_EXTRA_CA_CERTS",
          "XDG_CACHE_HOME",
          "XDG_DATA_HOME",
          "MCPIST_APP",
          "MCPIST_MODULES");

  static Service of(
      Path launcher, Path folder, Path data, int port, Map<String, String> environment) {
    Map<String, String> kept = new TreeMap<>(environment);
    kept.keySet().retainAll(VARIABLES);
    kept.put("JAVA_HOME", System.getProperty("java.home"));
    kept.put("MCPIST_BUILD", "no"); // What serves is taken over whatever the sources are.
    return new Service(name(data, environment), launcher, folder, data, port, kept);
  }

  private static String name(Path data, Map<String, String> environment) {
    return data.equals(DataFolder.real(DataFolder.standard(environment)))
        ? "mcpist"
        : "mcpist-" + HexFormat.of().toHexDigits(data.toString().hashCode());
  }

  List<String> up(String... options) {
    List<String> command = new ArrayList<>(List.of(launcher.toString(), "up"));
    command.addAll(List.of(options));
    command.addAll(List.of("--data", data.toString(), "--port", Integer.toString(port)));
    return command;
  }

  /** For where nothing but cron starts something at boot; to it a percent sign ends a line. */
  String cron() {
    String command = up("--detach").stream().map(Service::quoted).collect(Collectors.joining(" "));
    return "@reboot cd %s && PATH=%s %s"
        .formatted(quoted(folder.toString()), quoted(environment.getOrDefault("PATH", "")), command)
        .replace("%", "\\%");
  }

  private static String quoted(String text) {
    return text.matches("[A-Za-z0-9/._:-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
