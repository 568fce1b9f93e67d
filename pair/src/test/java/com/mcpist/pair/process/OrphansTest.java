package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphansTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  @Test
  void oneThatDoesNotEndOnItsOwnIsKilled(@TempDir Path folder) throws Exception {
    Process orphan = new ProcessBuilder("sleep", "1000").start();
    Orphans.record(folder, "it", orphan);

    assertThat(Orphans.end(folder, SHORT)).isTrue();

    assertThat(orphan.waitFor()).isNotZero();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anotherProcessWithTheSameNumberIsLeftAlone(@TempDir Path folder) throws Exception {
    Process another = new ProcessBuilder("sleep", "1000").start();
    try {
      Files.writeString(folder.resolve("it.pid"), another.pid() + "\n" + 1_000_000 + "\n");

      assertThat(Orphans.end(folder, SHORT)).isFalse();

      assertThat(another.isAlive()).isTrue();
    } finally {
      another.destroyForcibly();
    }
  }

  @Test
  void aRecordThatWasCutOffIsNothing(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("it.pid"), "12");
    assertThat(Orphans.end(folder, SHORT)).isFalse();
    assertThat(Orphans.end(folder.resolve("absent"), SHORT)).isFalse();
  }
}
