package com.mcpist.cli.service;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.sun.security.auth.module.UnixSystem;

/** macOS's agents, which start when their user logs in. */
record Launchd(Service service, Path home) implements Manager {
  private String label() {
    return "com." + service.name();
  }

  private static String domain() {
    return "gui/" + new UnixSystem().getUid();
  }

  @Override
  public Path file() {
    return home.resolve("Library/LaunchAgents").resolve(label() + ".plist");
  }

  /** It waits for the supervisor, and so `up` stays; what that runs has a session of its own. */
  @Override
  public String text() {
    return """
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
    <plist version="1.0">
    <dict>
      <key>Label</key>
      %s
      <key>ProgramArguments</key>
      <array>
        %s
      </array>
      <key>WorkingDirectory</key>
      %s
      <key>EnvironmentVariables</key>
      <dict>
        %s
      </dict>
      <key>RunAtLoad</key>
      <true/>
      <key>KeepAlive</key>
      <dict>
        <key>SuccessfulExit</key>
        <false/>
      </dict>
      <key>AbandonProcessGroup</key>
      <true/>
      <key>ExitTimeOut</key>
      <integer>90</integer>
    </dict>
    </plist>
    """
        .formatted(
            string(label()),
            service.up().stream().map(Launchd::string).collect(Collectors.joining("\n    ")),
            string(service.folder().toString()),
            service.environment().entrySet().stream()
                .map(
                    variable ->
                        element("key", variable.getKey()) + "\n    " + string(variable.getValue()))
                .collect(Collectors.joining("\n    ")));
  }

  private static String string(String text) {
    return element("string", text);
  }

  private static String element(String name, String text) {
    String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    return "<" + name + ">" + escaped + "</" + name + ">";
  }

  @Override
  public void enable(boolean now) throws Failure, IOException, InterruptedException {
    if (now) {
      stop();
      Tool.must("launchctl", "bootstrap", domain(), file().toString());
    }
  }

  @Override
  public void stop() throws InterruptedException {
    var _ = Tool.isThere("launchctl", "bootout", domain() + "/" + label());
  }

  @Override
  public void disable() throws InterruptedException, IOException {
    stop();
    Files.deleteIfExists(file());
  }

  @Override
  public boolean isActive() throws InterruptedException {
    return Tool.isThere("launchctl", "print", domain() + "/" + label());
  }

  @Override
  public String start() {
    return "launchctl bootstrap " + domain() + " " + file();
  }

  @Override
  public String log() {
    return "mcpist up";
  }

  @Override
  public String problem() {
    return "It starts when you log in: macOS starts no user's service before that.";
  }
}
