package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the machine's programs are told what; they are stand-ins. */
class ServiceTest {
  private Mcpist mcpist;
  private Path programs;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  ServiceTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    mcpist = new Mcpist(folder);
    programs = Files.createDirectory(folder.resolve("bin"));
    mcpist.environment.put("PATH", programs + ":/usr/bin:/bin");
  }

  /** Notes down what it is asked, and answers with the lines of a script. */
  private void program(String name, String script) throws IOException {
    Path file = programs.resolve(name);
    Files.writeString(
        file, "#!/bin/sh\necho \"%s $*\" >>'%s/told'\n%s\n".formatted(name, programs, script));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private List<String> told() throws IOException {
    Path file = programs.resolve("told");
    List<String> told = Files.readAllLines(file);
    Files.delete(file);
    return told;
  }

  private Path unit() {
    return mcpist.folder().resolve(".config/systemd/user/mcpist.service");
  }

  @Test
  void systemdStartsItAtBootUntilItIsUninstalled() throws Exception {
    program("systemctl", "");
    program("loginctl", "echo yes");
    mcpist.environment.put("DATABASE_URL", "postgres://me:hunter2@db/x");
    mcpist.environment.put("SUPABASE_KEY", "hunter3");

    Mcpist.Result installed = mcpist.run("service", "install", "--port", "9090");

    assertThat(installed.code()).as(installed.err()).isZero();
    assertThat(installed.out())
        .contains("Installed: " + unit(), "http://127.0.0.1:9090/mcp")
        .contains("DATABASE_URL, SUPABASE_KEY: which is kept in")
        .doesNotContain("hunter", "enable-linger");
    assertThat(unit()).content().contains("\"--port\" \"9090\"").doesNotContain("hunter");
    assertThat(told())
        .containsExactly(
            "systemctl --user show-environment",
            "systemctl --user daemon-reload",
            "systemctl --user enable mcpist",
            "systemctl --user start mcpist",
            "loginctl enable-linger",
            "loginctl show-user %s --property=Linger --value"
                .formatted(System.getProperty("user.name")));
    assertThat(mcpist.data().resolve("variables.json")).content().contains("hunter2", "hunter3");
    Mcpist.Result status = mcpist.run("service", "status");
    assertThat(status.code()).as(status.err()).isZero();
    assertThat(status.out()).contains(unit() + " is active.");

    assertThat(told())
        .containsExactly(
            "systemctl --user is-active --quiet mcpist",
            "loginctl show-user %s --property=Linger --value"
                .formatted(System.getProperty("user.name")));

    assertThat(mcpist.run("down").code()).isZero();
    assertThat(told()).containsExactly("systemctl --user stop mcpist");

    Mcpist.Result uninstalled = mcpist.run("service", "uninstall");

    assertThat(uninstalled.out()).contains("The data stays in " + mcpist.data());
    assertThat(unit()).doesNotExist();
    assertThat(told()).contains("systemctl --user disable --now mcpist");
    assertThat(mcpist.data().resolve("variables.json"))
        .content()
        .contains("hunter3")
        .doesNotContain("hunter2");
    assertThat(mcpist.run("service", "uninstall").err())
        .hasLineCount(1)
        .contains("no service is installed");
  }

  @Test
  void whatDoesNotStartIsSaidWithWhereToLook() throws Exception {
    program("systemctl", "[ \"$2\" != start ] && [ \"$2\" != is-active ]");
    program("loginctl", "exit 1");

    Mcpist.Result installed = mcpist.run("service", "install");

    assertThat(installed.code()).isEqualTo(1);
    assertThat(installed.err()).hasLineCount(1).contains("journalctl --user --unit mcpist");
    Mcpist.Result status = mcpist.run("service", "status");
    assertThat(status.code()).isEqualTo(1);
    assertThat(status.out())
        .contains(" is not active: `systemctl --user start mcpist`.")
        .contains("sudo loginctl enable-linger " + System.getProperty("user.name"));
  }

  @Test
  void whereNobodyStartsServicesItSaysWhatDoes() throws Exception {
    program("systemctl", "echo 'Failed to connect to bus: No medium found'; exit 1");

    Mcpist.Result installed = mcpist.run("service", "install", "--data", "/srv/my notes");

    assertThat(installed.code()).isEqualTo(1);
    assertThat(installed.err())
        .hasLineCount(1)
        .contains("neither systemd nor launchd", "crontab -e", "@reboot cd ")
        .contains("up --detach --data '/srv/my notes' --port 8080");
    Files.delete(programs.resolve("systemctl"));
    mcpist.environment.put("PATH", programs.toString());
    assertThat(mcpist.run("service", "install").err()).hasLineCount(1).contains("crontab -e");
    assertThat(mcpist.run("service", "status").err()).hasLineCount(1).contains("no service is");
  }

  @Test
  void whatIsWrongIsSaidBeforeAnythingIsInstalled() throws Exception {
    program("systemctl", "");
    Files.writeString(mcpist.folder().resolve("mcpist.yml"), "origins: 7\n");

    assertThat(mcpist.run("service", "install").code()).isEqualTo(2);
    Files.delete(mcpist.folder().resolve("mcpist.yml"));
    assertThat(mcpist.run("service", "install", "--port", "0").code()).isEqualTo(2);
    assertThat(unit()).doesNotExist();
  }
}
