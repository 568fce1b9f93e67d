package com.mcpist.deploy.platform.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.platform.Platform.Remark;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.ssh.HostState.HostFacts;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person is told, by what programs said: as far as no host in a test gets there. */
class HostErrorsTest {
  private static final HostedApp APP =
      new HostedApp("box", "notes", "127.0.0.1", 8000, Optional.empty());

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          pull   | writing blob: open /var/lib/x: no space left on device   | REJECTED     | the host's disk is full. Make room there, and run it again: `podman image prune --all`
          folder | mkdir: cannot create directory: No space left on device  | REJECTED     | the host's disk is full
          folder | mkdir: cannot create directory: Read-only file system    | REJECTED     | cannot write to ~/.mcpist/notes on the host: mkdir: cannot create directory: Read-only
          silent | permission denied while trying to connect to the Docker daemon socket | UNAUTHORIZED | the user there may not use docker. Put it into the group
          silent | Cannot connect to the Docker daemon at unix:///var/run/docker.sock     | UNAVAILABLE  | docker does not run on the host. Start it there
          start  | the requested cgroup controller `memory` is not available | REJECTED     | the host cannot limit a container's memory
          start  | Error: something else                                     | FAILED       | cannot start the container: Error: something else. What ran before serves on
          pull   | Error: reading manifest sha256:0: denied                  | UNAUTHORIZED | the registry does not let it be read
          pull   | Error: dial tcp: i/o timeout                              | UNAVAILABLE  | cannot pull the image: Error: dial tcp: i/o timeout
          linger | ''                                                        | REJECTED     | the user's containers would end with its last session. Let it linger
          busy   | ''                                                        | CONFLICT     | somebody else has been changing it for a minute
          """)
  void whatTheHostSaysIsToldWithWhatToDo(String why, String said, Kind kind, String message) {
    PlatformException error = new HostErrors(APP).refused("call", why, said, "podman");

    assertThat(error).hasMessageStartingWith("ssh: call: box: " + message);
    assertThat(error.kind()).isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ssh: connect to host box port 22: Connection timed out | the host does not answer. See that it is on
          ssh: connect to host box port 22: No route to host     | the host does not answer
          Timeout, server box not responding.                    | the host does not answer
          ''                                                     | the connection broke off. Run it again
          """)
  void aHostThatIsAwayIsAskedOn(String said, String message) {
    PlatformException error = new HostErrors(APP).onTheWay("call", said);

    assertThat(error).hasMessageStartingWith("ssh: call: box: " + message);
    assertThat(error.kind()).isEqualTo(Kind.UNAVAILABLE);
  }

  /** A program in ssh's place that repeats all that it is told. */
  @Test
  void noErrorRepeatsASecret() throws Exception {
    Path ssh = folder.resolve("ssh");
    Files.writeString(ssh, "#!/bin/sh\ncat >&2\nexit 1\n");
    Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
    Map<String, String> environment = Map.of("PATH", folder + ":" + System.getenv("PATH"));
    SshPlatform platform = SshPlatform.of("o", APP, environment, Time.system());
    String value = "a value that nobody may see";

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(
            () ->
                platform.putSecrets(
                    Map.of("A_KEY", Secret.of(value)),
                    Deadline.in(Duration.ofMinutes(1), Time.system())))
        .withMessageContaining("the host does not run the script (exit code 1)")
        .satisfies(error -> assertThat(error).hasMessageNotContaining("nobody may see"));
    SshHost.Ssh.Result result =
        new SshHost.Ssh(APP, environment)
            .run(
                HostScript.command("put", value),
                List.of(Secret.of(value)),
                Deadline.in(Duration.ofMinutes(1), Time.system()))
            .orElseThrow();
    assertThat(result.err()).isEqualTo("put '[redacted]'");
  }

  @Test
  void whatAHostIsLikeIsJudged() {
    List<Remark> remarks =
        HostFacts.of(
                new HostAnswers(
                    List.of(
                        "version podman version 5.4.2",
                        "user deploy",
                        "lingers no",
                        "restarts disabled",
                        "memory false",
                        "room 1000",
                        "taken 8000")))
            .remarks(APP);

    assertThat(remarks)
        .extracting(remark -> remark.subject() + (remark.bad() ? " bad: " : ": ") + remark.advice())
        .containsExactly(
            "container program: ",
            "lingering bad: On the host: sudo loginctl enable-linger deploy",
            "start with the machine: After a reboot the origin stays away. On the host:"
                + " systemctl --user enable podman-restart",
            "memory limit bad: Switch the kernel's memory controller on: docs/operations/ssh.md",
            "disk bad: A release needs about 500: make room on the host",
            "port 8000 bad: End that, or give notes another one in mcpist.yml: listen");
  }

  @Test
  void ofAHostWhereAllIsWellNothingIsToDo() {
    assertThat(
            HostFacts.of(
                    new HostAnswers(
                        List.of(
                            "version Docker version 28", "user a", "memory true", "room 9000000")))
                .remarks(APP))
        .allSatisfy(remark -> assertThat(remark.advice()).isEmpty());
  }
}
