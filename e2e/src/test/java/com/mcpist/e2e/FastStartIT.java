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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AOT caches that a pair makes for its programs while it runs. */
class FastStartIT {

  private static final Duration TRAINING_LIMIT = Duration.ofMinutes(5);

  @Test
  void programsThatAreStartedAgainUseTheCacheThatThePairHasMade(@TempDir Path cache)
      throws Exception {
    try (Pair pair = Pair.up(Map.of("XDG_CACHE_HOME", cache.toString()))) {
      long first = pair.awaitSettled().origin(Pair.PRIMARY).runningPid();
      assertThat(arguments(first)).noneMatch(FastStartIT::namesCache);
      Conditions.await("both caches are there", TRAINING_LIMIT, () -> caches(cache).size() == 2);

      Processes.kill(first);
      Status again =
          pair.awaitStatus(
              "the primary is back",
              Duration.ofMinutes(1),
              s ->
                  s.origin(Pair.PRIMARY).pid() != null
                      && s.origin(Pair.PRIMARY).runningPid() != first
                      && s.origin(Pair.PRIMARY).state().equals("healthy"));

      assertThat(arguments(again.origin(Pair.PRIMARY).runningPid()))
          .anyMatch(FastStartIT::namesCache);
      assertThat(pair.run("logs", Pair.PRIMARY).out())
          .as("the JVM would say that it rejects a cache")
          .doesNotContain("[warning]", "[error]");
      try (McpConnection client = McpConnection.open(pair.port())) {
        assertThat(client.call("memory_list", Map.of()).structured().path("memories"))
            .as("what the training left")
            .isEmpty();
      }
      pair.down();
    }
  }

  @Test
  void aTrainingEndsWithItsPair(@TempDir Path cache) throws Exception {
    try (Pair pair = Pair.up(Map.of("XDG_CACHE_HOME", cache.toString()))) {
      Path log = pair.data().resolve("logs/training-origin.log");
      Conditions.await(
          "the training has begun",
          TRAINING_LIMIT,
          () -> Files.readString(log).contains("[training]"));
      pair.down();
      assertThat(ProcessHandle.allProcesses().filter(p -> trains(p, cache)))
          .as("a process of the training")
          .isEmpty();
      assertThat(files(cache)).as("half a cache").noneMatch(f -> f.toString().contains(".aot.new"));
    }
  }

  private static boolean trains(ProcessHandle process, Path cache) {
    return process.isAlive()
        && process.info().commandLine().filter(c -> c.contains(cache.toString())).isPresent();
  }

  private static boolean namesCache(String argument) {
    return argument.startsWith("-XX:AOTCache=");
  }

  private static List<String> arguments(long pid) {
    return List.of(ProcessHandle.of(pid).orElseThrow().info().arguments().orElseThrow());
  }

  private static List<Path> caches(Path cache) throws IOException {
    return files(cache).stream().filter(file -> file.toString().endsWith(".aot")).toList();
  }

  private static List<Path> files(Path cache) throws IOException {
    Path folder = cache.resolve("mcpist/aot");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
