package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archives of classes that the JVM makes for a pair's programs, and starts them with. */
class FastStartIT {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @Test
  @Tag("long")
  void programsThatAreStartedAgainUseTheArchiveOfAnEarlierRun(@TempDir Path cache)
      throws Exception {
    try (Pair pair = Pair.up(Map.of("XDG_CACHE_HOME", cache.toString()))) {
      long first = pair.awaitSettled().origin(Pair.PRIMARY).runningPid();
      assertThat(archives(first)).as("there is none yet").isEmpty();
      assertThat(pair.processes().stream().filter(FastStartIT::isJvm))
          .as("supervisor, two origins, edge, and nothing that trains")
          .hasSize(4);
      assertThat(pair.run("restart", Pair.PRIMARY).code()).isZero();
      assertThat(pair.run("restart", "edge").code()).isZero();
      Conditions.await(
          "the old edge has ended, and made its own", LIMIT, () -> archives(cache).size() == 2);
      assertThatItIsStartedAgainWithOne(pair);

      pair.down();
      pair.start();
      Status again = pair.awaitSettled();
      assertThat(archives(again.edge().pid())).isNotEmpty();
      assertThat(archives(again.origin(Pair.STANDBY).runningPid()))
          .isEqualTo(archives(again.origin(Pair.PRIMARY).runningPid()))
          .isNotEmpty();
      try (McpConnection client = McpConnection.open(pair.port())) {
        assertThat(client.call("memory_list", Map.of()).structured().path("memories")).isEmpty();
      }
      assertThat(pair.run("logs").out())
          .as("what a JVM says of an archive")
          .doesNotContain("[warning]", "[error]", "OpenJDK");
      pair.down();
    }
  }

  private static void assertThatItIsStartedAgainWithOne(Pair pair) throws Exception {
    long killed = pair.awaitSettled().origin(Pair.PRIMARY).runningPid();
    Processes.kill(killed);
    // A status may still be that of the killed one, and a JVM takes a moment to map its archive.
    Conditions.await(
        "the primary is back, with an archive",
        LIMIT,
        () -> {
          Long pid = pair.status().origin(Pair.PRIMARY).pid();
          return pid != null && pid != killed && archives(pid).size() == 1;
        });
  }

  private static boolean isJvm(ProcessHandle process) {
    return process.info().command().filter(command -> command.endsWith("/java")).isPresent();
  }

  /** Those that a process has in its memory. */
  private static List<String> archives(long pid) throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc", Long.toString(pid), "maps"))) {
      return maps.filter(line -> line.endsWith(".jsa") && line.contains("/classes/"))
          .map(line -> line.substring(line.indexOf('/')))
          .distinct()
          .toList();
    }
  }

  /** Those that are whole: the JVM writes the head last. */
  private static List<Path> archives(Path cache) throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("mcpist/classes"))) {
      return files.filter(FastStartIT::isWhole).toList();
    }
  }

  private static boolean isWhole(Path archive) {
    try (var in = Files.newInputStream(archive)) {
      return in.read() > 0;
    } catch (IOException _) {
      return false;
    }
  }
}
