package com.mcpist.cli.service;

import module java.base;

import com.mcpist.cli.console.Failure;

/** systemd's user services. */
record Systemd(Service service, Path config) implements Manager {
  /** What is run has a name without quotation marks: that of the launcher may have some. */
  private static final List<String> SHELL = List.of("/bin/sh", "-c", "exec \"$0\" \"$@\"");

  @Override
  public Path file() {
    return config.resolve("systemd/user").resolve(service.name() + ".service");
  }

  @Override
  public String text() {
    return """
    # Written by `mcpist service install`, and removed by `mcpist service uninstall`.
    [Unit]
    Description=MCPist, the pair in %s
    # The program may be removed without `mcpist service uninstall`.
    ConditionFileIsExecutable=%s

    [Service]
    Type=forking
    PIDFile=%s
    WorkingDirectory=%s
    %s
    ExecStart=%s
    # What the supervisor runs serves on without it, and the next one takes it over.
    KillMode=process
    OOMPolicy=continue
    Restart=on-failure
    RestartSec=2
    # Of a JVM after SIGTERM.
    SuccessExitStatus=143
    TimeoutStartSec=300
    TimeoutStopSec=90

    [Install]
    WantedBy=default.target
    """
        .formatted(
            plain(service.data().toString()),
            plain(service.launcher().toString()),
            plain(service.data().resolve("pair").toString()),
            plain(service.folder().toString()),
            service.environment().entrySet().stream()
                .map(
                    variable ->
                        "Environment=" + quoted(variable.getKey() + "=" + variable.getValue()))
                .collect(Collectors.joining("\n")),
            Stream.concat(SHELL.stream(), service.up("--detach").stream())
                .map(word -> quoted(word).replace("$", "$$"))
                .collect(Collectors.joining(" ")));
  }

  private static String plain(String text) {
    return text.replace("%", "%%");
  }

  private static String quoted(String text) {
    String escaped = plain(text).replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    return "\"" + escaped + "\"";
  }

  @Override
  public void check() throws Failure, InterruptedException {
    if (!Tool.isThere("systemctl", "--user", "show-environment")) {
      throw Failure.failed(
          "neither systemd nor launchd starts services for this user (`systemctl --user` does not"
              + " answer). With cron, `crontab -e` and this line do: "
              + service.cron());
    }
  }

  @Override
  public void enable(boolean now) throws Failure, IOException, InterruptedException {
    Tool.must("systemctl", "--user", "daemon-reload");
    Tool.must("systemctl", "--user", "enable", service.name());
    if (now) {
      Tool started = Tool.run("systemctl", "--user", "start", service.name());
      if (started.code() != 0) {
        throw Failure.failed("it is installed, and does not start: `" + log() + "` tells why.");
      }
    }
    // So that it runs without anybody being logged in. Where that is not allowed, problem() says.
    var _ = Tool.isThere("loginctl", "enable-linger");
  }

  @Override
  public void stop() throws InterruptedException {
    var _ = Tool.isThere("systemctl", "--user", "stop", service.name());
  }

  @Override
  public void disable() throws Failure, IOException, InterruptedException {
    Tool.must("systemctl", "--user", "disable", "--now", service.name());
    Files.deleteIfExists(file());
    Tool.must("systemctl", "--user", "daemon-reload");
  }

  @Override
  public boolean isActive() throws InterruptedException {
    return Tool.isThere("systemctl", "--user", "is-active", "--quiet", service.name());
  }

  @Override
  public String start() {
    return "systemctl --user start " + service.name();
  }

  @Override
  public String log() {
    return "journalctl --user --unit " + service.name();
  }

  @Override
  public String problem() throws IOException, InterruptedException {
    String user = System.getProperty("user.name");
    Tool linger = Tool.run("loginctl", "show-user", user, "--property=Linger", "--value");
    return linger.said().equals("yes")
        ? ""
        : "It starts when you log in, and ends when you log out. So that it starts at boot: sudo"
            + " loginctl enable-linger "
            + user;
  }
}
