package com.mcpist.pair;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.testkit.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program whose command looks like a pair's, and whose supervisor is killed, or not. */
class WatchdogTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Path data;
  private Process program;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  WatchdogTest() {}

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    data = folder.resolve("data");
    String classPath = DataFolder.releases(data) + "/x/*";
    program = new ProcessBuilder("sh", "-c", "read -r _", "java", "-cp", classPath, "Main").start();
  }

  @AfterEach
  void stop() {
    program.destroyForcibly();
  }

  @Test
  void itEndsWhatIsLeftWhenItsStandardInputEnds() throws Exception {
    Watchdog watchdog = Watchdog.start(data);
    assertThat(program.isAlive()).isTrue();

    watchdog.process().getOutputStream().close();

    assertThat(program.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    Conditions.await("it has ended, too", LIMIT, () -> !watchdog.process().isAlive());
    assertThat(watchdog.process().exitValue()).isZero();
  }

  @Test
  void itLeavesAloneWhatAnotherProcessKeeps() throws Exception {
    try (DataFolder _ = DataFolder.open(data)) {
      Watchdog watchdog = Watchdog.start(data);
      watchdog.process().getOutputStream().close();
      assertThat(watchdog.process().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(program.isAlive()).isTrue();
    }
  }

  @Test
  void nothingEndsWhereItIsClosed() throws Exception {
    Watchdog watchdog = Watchdog.start(data);
    watchdog.close();
    assertThat(watchdog.process().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(program.isAlive()).isTrue();
  }
}
