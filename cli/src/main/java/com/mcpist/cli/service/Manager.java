package com.mcpist.cli.service;

import module java.base;

import com.mcpist.cli.console.Failure;

/** Who starts a user's services at boot. */
sealed interface Manager permits Systemd, Launchd {
  /** The service's file. */
  Path file();

  /** What is in it. */
  String text();

  /** A Failure says what to do where it starts nothing for this user. */
  default void check() throws Failure, InterruptedException {}

  /** Has it started from the next boot on, and at once where it is to start now. */
  void enable(boolean now) throws Failure, IOException, InterruptedException;

  /** Stops it until the next boot, and has it started again no more until then. */
  void stop() throws InterruptedException;

  /** The same, and has it started no more. */
  void disable() throws Failure, IOException, InterruptedException;

  /** Whether it runs now. */
  boolean isActive() throws IOException, InterruptedException;

  /** How it is started by hand. */
  String start();

  /** Where it tells why it does not start. */
  String log();

  /** Why it does not start at boot, and what to do; or empty. */
  default String problem() throws IOException, InterruptedException {
    return "";
  }

  /** That of this machine, whether it works or not. */
  static Manager of(Service service, Map<String, String> environment) {
    return System.getProperty("os.name").startsWith("Mac")
        ? new Launchd(service, home(environment))
        : new Systemd(service, config(environment));
  }

  private static Path config(Map<String, String> environment) {
    String folder = environment.getOrDefault("XDG_CONFIG_HOME", "");
    return folder.startsWith("/") ? Path.of(folder) : home(environment).resolve(".config");
  }

  private static Path home(Map<String, String> environment) {
    return Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")));
  }

  /** One of the machine's own programs; what it says is its exit code, and a line. */
  record Tool(int code, String said) {
    static Tool run(String... command) throws IOException, InterruptedException {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Tool(process.waitFor(), said.lines().findFirst().orElse("").strip());
    }

    static boolean isThere(String... command) throws InterruptedException {
      try {
        return run(command).code() == 0;
      } catch (IOException _) {
        return false; // No such program.
      }
    }

    static void must(String... command) throws Failure, IOException, InterruptedException {
      Tool done = run(command);
      if (done.code() != 0) {
        throw Failure.failed("`" + String.join(" ", command) + "` failed: " + done.said());
      }
    }
  }
}
