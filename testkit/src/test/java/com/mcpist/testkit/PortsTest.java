package com.mcpist.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PortsTest {
  private static final int MANY = 1_000;

  @Test
  void noPortIsChosenTwiceByTwoJvmsAtOnce() throws Exception {
    Process other = start();
    try {
      Set<Integer> here = choose();
      Set<Integer> there =
          other
              .inputReader(StandardCharsets.US_ASCII)
              .lines()
              .limit(MANY)
              .map(Integer::valueOf)
              .collect(Collectors.toSet());

      assertThat(here).hasSize(MANY).doesNotContainAnyElementsOf(there);
      assertThat(there).hasSize(MANY);
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  private static Set<Integer> choose() {
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < MANY; i++) {
      ports.add(Ports.free());
    }
    return ports;
  }

  private static Process start() throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
            java, "-cp", System.getProperty("java.class.path"), Chooser.class.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Chooses ports in a JVM of its own, and keeps them until it is ended. */
  static final class Chooser {
    private Chooser() {}

    public static void main(String[] args) throws InterruptedException {
      choose().forEach(System.out::println);
      Thread.currentThread().join();
    }
  }
}
