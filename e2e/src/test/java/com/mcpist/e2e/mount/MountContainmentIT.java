package com.mcpist.e2e.mount;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Spy;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a program that a pair mounts tries, and does not get, of its pair and of another mount. */
@Needs(Need.CONTAINMENT)
class MountContainmentIT {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Debian's second user, with a name, as PostgreSQL wants it. */
  private static final List<String> AS_USER =
      List.of("setpriv", "--reuid=daemon", "--regid=daemon", "--clear-groups");

  @Test
  void nothingOfAPairIsReached() throws Exception {
    try (Pair pair = Pair.prepare(Map.of())) {
      assertNothingIsReached(pair, List.of());
    }
  }

  @Test
  @Needs(Need.ANOTHER_USER)
  void nothingOfAnotherUsersPairIsReached() throws Exception {
    try (Pair pair = Pair.prepare(Map.of())) {
      Files.setAttribute(pair.home(), "unix:uid", 1);
      Files.setAttribute(pair.home(), "unix:gid", 1);
      assertNothingIsReached(pair, AS_USER);
    }
  }

  private static void assertNothingIsReached(Pair pair, List<String> prefix) throws Exception {
    Files.writeString(pair.home().resolve("mcpist.yml"), Pair.FILE);
    Files.writeString(pair.home().resolve("mounts.json"), mounts(pair.home()));
    Command.Result up = run(pair, prefix, "up", "--detach", "--port", "" + pair.port());
    assertThat(up.code()).as(up.all()).isZero();
    try {
      Set<ProcessHandle> processes = withAllTheyStarted(pair.processes());
      String told = spy(pair, arguments(pair, processes));

      assertThat(told).as(told).startsWith("tried ").doesNotContain("GOT");
      assertThat(Spy.tried(told)).isGreaterThan(30 * processes.size());
      // What a pair consists of, with two mounts at two origins.
      assertThat(processes.size()).isGreaterThan(12);
      Set<ProcessHandle> programs = programs(processes);
      assertThat(programs).hasSize(8).allMatch(ProcessHandle::isAlive);
      // A supervisor knows the programs of the one before, which are private.
      ProcessHandle supervisor = ProcessHandle.of(pair.supervisor()).orElseThrow();
      supervisor.destroyForcibly();
      supervisor.onExit().join();
      Command.Result again = run(pair, prefix, "up", "--detach", "--port", "" + pair.port());
      assertThat(again.code()).as(again.all()).isZero();
      programs.remove(supervisor);
      assertThat(programs).hasSize(7).allMatch(ProcessHandle::isAlive);
    } finally {
      Command.Result down = run(pair, prefix, "down");
      assertThat(down.code()).as(down.all()).isZero();
    }
  }

  private static String mounts(Path home) throws IOException {
    ObjectNode file = JSON.createObjectNode();
    ObjectNode servers = file.putObject("mcpServers");
    Path program = Files.copy(Spy.program(), home.resolve("spy.pl"));
    for (String name : List.of("spy", "other")) {
      ObjectNode entry = servers.putObject(name).put("command", "perl");
      entry.putArray("args").add(program.toString());
      entry.putObject("env").put("TOKEN_OF_" + name.toUpperCase(Locale.ROOT), "secret");
    }
    return file.toString();
  }

  private static Command.Result run(Pair pair, List<String> prefix, String... words)
      throws IOException {
    ProcessBuilder builder = pair.command(words);
    builder.command(Stream.concat(prefix.stream(), builder.command().stream()).toList());
    if (!prefix.isEmpty()) {
      builder.environment().put("XDG_CACHE_HOME", pair.home().resolve("cache").toString());
    }
    return Command.run(builder, LIMIT);
  }

  private static Set<ProcessHandle> withAllTheyStarted(Set<ProcessHandle> processes) {
    return processes.stream()
        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
        .filter(ProcessHandle::isAlive)
        .collect(Collectors.toSet());
  }

  /** Supervisor, edge and origins, and what these mount, without the database's short-lived. */
  private static Set<ProcessHandle> programs(Set<ProcessHandle> processes) {
    return processes.stream()
        .filter(process -> process.info().command().orElse("").matches(".*/(java|perl)"))
        .collect(Collectors.toSet());
  }

  private static Map<String, Object> arguments(Pair pair, Set<ProcessHandle> processes) {
    Path data = pair.data();
    return Map.of(
        "pids",
        processes.stream().map(ProcessHandle::pid).toList(),
        "folders",
        Stream.of("", "postgres", "run", "logs", "releases")
            .map(folder -> data.resolve(folder).toString())
            .toList(),
        "files",
        Stream.of("pair", "lock", "postgres/PG_VERSION")
            .map(file -> data.resolve(file).toString())
            .toList(),
        "sockets",
        sockets(data));
  }

  /** Returns the Unix sockets of a pair, the database's among them. */
  private static List<String> sockets(Path data) {
    try (Stream<Path> files = Files.list(data.resolve("run"))) {
      List<String> sockets =
          files
              .map(Path::toString)
              .filter(file -> file.endsWith(".sock") || file.contains(".s.PGSQL."))
              .toList();
      assertThat(sockets).hasSizeGreaterThan(4);
      return sockets;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String spy(Pair pair, Map<String, Object> arguments) {
    return Conditions.awaitValue(
        "the spy answers",
        LIMIT,
        () -> {
          try (McpConnection client = McpConnection.open(pair.port())) {
            String told =
                client.call("spy_spy", arguments).result().at("/content/0/text").asString("");
            return told.startsWith("tried") ? Optional.of(told) : Optional.empty();
          }
        });
  }
}
