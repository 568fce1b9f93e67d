package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphansTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  /** A process whose command looks like that of a program of that folder. */
  private static Process process(Path programs) throws IOException {
    return new ProcessBuilder("sh", "-c", "read -r _", "java", "-cp", programs + "/x/*", "Main")
        .start();
  }

  @Test
  void oneThatDoesNotEndOnItsOwnIsKilledAndAnotherPairsIsNot(@TempDir Path folder)
      throws Exception {
    Process orphan = process(folder.resolve("one"));
    Process another = process(folder.resolve("one more"));
    try {
      assertThat(Orphans.end(folder.resolve("one"), SHORT)).isTrue();

      assertThat(orphan.waitFor()).isNotZero();
      assertThat(another.isAlive()).isTrue();
      assertThat(Orphans.end(folder.resolve("one"), SHORT)).isFalse();
    } finally {
      orphan.destroyForcibly();
      another.destroyForcibly();
    }
  }
}
