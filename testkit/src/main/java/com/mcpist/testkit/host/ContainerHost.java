package com.mcpist.testkit.host;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A host for {@code platform: ssh}, as a process of this machine: sshd on a free port of loopback,
 * for one key, whose sessions have a home folder and a podman of their own. What podman needs only
 * here (a runtime, limits) is in its configuration, so that its commands are those of any host.
 */
public final class ContainerHost implements AutoCloseable {
  /** What ssh calls it. */
  public static final String NAME = "box";

  /** Where sshd wants its children without rights; a service's unit makes it elsewhere. */
  private static final Path SSHD_RUN = Path.of("/run/sshd");

  private final Path folder;
  private final Path images;
  private final int port = Ports.free();
  private final Map<String, String> environment = new TreeMap<>();
  private volatile Process sshd;

  /**
   * Starts it.
   *
   * @param images where its images go: a folder that layers can be mounted on
   */
  public ContainerHost(Path images) throws IOException {
    this(images, Map.of());
  }

  /**
   * Starts it.
   *
   * @param images where its images go: a folder that layers can be mounted on
   * @param more variables that its programs have
   */
  public ContainerHost(Path images, Map<String, String> more) throws IOException {
    // Short, since the names of sockets in it are.
    this.folder = Files.createTempDirectory("mcpist-host");
    this.images = Files.createTempDirectory(Files.createDirectories(images), "host");
    Files.createDirectories(folder.resolve("home"));
    environment.putAll(more);
    environment.put("HOME", folder.resolve("home").toString());
    environment.put("CONTAINERS_CONF", containers().toString());
    environment.put("CONTAINERS_STORAGE_CONF", storage().toString());
    environment.put("CONTAINERS_REGISTRIES_CONF", registries().toString());
    environment.put("XDG_RUNTIME_DIR", folder.toString());
    keys();
    client();
    Files.createDirectories(SSHD_RUN);
    sshd = listen();
  }

  private Path containers() throws IOException {
    return write(
        "containers.conf",
        """
        [containers]
        default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
        log_driver = "k8s-file"
        [engine]
        runtime = "runc"
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        lock_type = "file"
        tmp_dir = "%s"
        [network]
        network_backend = "netavark"
        """
            .formatted(folder.resolve("tmp")));
  }

  private Path storage() throws IOException {
    return write(
        "storage.conf",
        """
        [storage]
        driver = "overlay"
        graphroot = "%s"
        runroot = "%s"
        [storage.options.overlay]
        skip_mount_home = "true"
        """
            .formatted(images.toAbsolutePath(), folder.resolve("run")));
  }

  private Path registries() throws IOException {
    return write(
        "registries.conf",
        """
        [[registry]]
        location = "127.0.0.1"
        insecure = true
        """);
  }

  private void keys() throws IOException {
    for (String name : List.of("host", "person", "stranger")) {
      String file = folder.resolve(name).toString();
      Commands.succeed(
          Map.of(), List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file));
    }
  }

  /** The person's side: a program ssh that reads a configuration of its own. */
  private void client() throws IOException {
    String key = Files.readString(folder.resolve("host.pub")).replaceFirst(" [^ ]*\n$", "");
    String stranger =
        Files.readString(folder.resolve("stranger.pub")).replaceFirst(" [^ ]*\n$", "");
    String address = "[127.0.0.1]:" + port + " ";
    write("known", address + key + "\n");
    write("changed", address + stranger + "\n");
    write("unknown", "");
    Files.createDirectories(folder.resolve("bin"));
    Path ssh =
        write(
            "bin/ssh", "#!/bin/sh\nexec /usr/bin/ssh -F " + folder.resolve("config") + " \"$@\"\n");
    Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
    write(
        "config",
        """
        Host %1$s unknown changed stranger
          HostName 127.0.0.1
          Port %2$d
        Host closed
          HostName 127.0.0.1
          Port %3$d
        Host nowhere
          HostName nowhere.invalid
        Host unknown
          UserKnownHostsFile %4$s/unknown
        Host changed
          UserKnownHostsFile %4$s/changed
        Host stranger
          IdentityFile %4$s/stranger
        Host * !stranger
          IdentityFile %4$s/person
        Host *
          User root
          IdentitiesOnly yes
          UserKnownHostsFile %4$s/known
          GlobalKnownHostsFile none
        """
            .formatted(NAME, port, Ports.free(), folder));
  }

  private Process listen() throws IOException {
    String variables =
        environment.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(" "));
    Path config =
        write(
            "sshd_config",
            """
            Port %1$d
            ListenAddress 127.0.0.1
            HostKey %2$s/host
            AuthorizedKeysFile %2$s/person.pub
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PrintMotd no
            SetEnv %3$s
            """
                .formatted(port, folder, variables));
    Process process =
        Commands.builder(Map.of(), List.of("/usr/sbin/sshd", "-D", "-e", "-f", config.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("sshd.log").toFile())
            .start();
    Conditions.await("sshd listens", this::listens);
    return process;
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException _) {
      return false;
    }
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  /** The person's environment, in which {@code ssh} knows the host. */
  public Map<String, String> person() {
    Map<String, String> person = new HashMap<>();
    person.put("HOME", folder.resolve("home").toString());
    person.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    return person;
  }

  /** Where sshd listens on loopback. */
  public int port() {
    return port;
  }

  /** The key of the person whom it lets in. */
  public String privateKey() throws IOException {
    return Files.readString(folder.resolve("person"));
  }

  /** Its line of known_hosts. */
  public String knownHost() throws IOException {
    return Files.readString(folder.resolve("known")).strip();
  }

  /** The home folder of its user. */
  public Path home() {
    return folder.resolve("home");
  }

  /** What sshd has said. */
  public String log() throws IOException {
    return Files.readString(folder.resolve("sshd.log"));
  }

  /** Whether anything in it, whoever put it there, contains that text. */
  public boolean has(String text) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
          return true;
        }
      }
      return false;
    }
  }

  /** Runs podman there, and returns what it printed. */
  public String podman(String... arguments) throws IOException {
    return Commands.succeed(
        environment, Stream.concat(Stream.of("podman"), Stream.of(arguments)).toList());
  }

  /** The process of a container, as this machine knows it. */
  public ProcessHandle process(String container) throws IOException {
    long pid = Long.parseLong(podman("inspect", "--format", "{{.State.Pid}}", container).strip());
    if (pid <= 1) {
      throw new AssertionError(container + " does not run");
    }
    return ProcessHandle.of(pid).orElseThrow();
  }

  /** The variables that a container's process really has. */
  public Map<String, String> environment(String container) throws IOException {
    Path file = Path.of("/proc", String.valueOf(process(container).pid()), "environ");
    return Stream.of(Files.readString(file).split("\0", -1))
        .filter(variable -> variable.contains("="))
        .collect(
            Collectors.toMap(
                variable -> variable.substring(0, variable.indexOf('=')),
                variable -> variable.substring(variable.indexOf('=') + 1),
                (one, _) -> one));
  }

  /** It answers nobody any more, and drops whom it has. */
  public void goAway() throws IOException {
    Stream.concat(sshd.descendants(), Stream.of(sshd.toHandle())).forEach(this::kill);
    Conditions.await("nobody listens", () -> !listens());
  }

  private void kill(ProcessHandle process) {
    // What a session has begun on the host goes on, as it does where a connection is lost. A newer
    // sshd has a program of its own for a session: sshd-session.
    if (process.info().command().orElse("").matches(".*/sshd(-[a-z]+)?")) {
      process.destroyForcibly();
    }
  }

  /** It answers again. */
  public void comeBack() throws IOException {
    sshd = listen();
  }

  @Override
  public void close() throws IOException {
    try {
      podman("rm", "--force", "--all", "--time=0");
      podman("rmi", "--force", "--all");
    } finally {
      sshd.destroyForcibly();
      // What podman runs behind a container that has ended may still write there.
      Conditions.await("its folders are deleted", () -> deleted(folder) && deleted(images));
    }
  }

  private static boolean deleted(Path folder) throws IOException {
    Commands.succeed(Map.of(), List.of("sh", "-c", "rm -rf \"$0\" || true", folder.toString()));
    return !Files.exists(folder);
  }
}
