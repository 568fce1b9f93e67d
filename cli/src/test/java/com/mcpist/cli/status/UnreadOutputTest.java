package com.mcpist.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.cli.pair.LogsCommand;
import com.mcpist.cli.status.Watch.View;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Whoever read what is shown has gone. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class UnreadOutputTest {
  private final PrintStream before = System.out;

  @BeforeEach
  void nobodyReads() {
    PrintStream closed = new PrintStream(OutputStream.nullOutputStream());
    closed.close();
    System.setOut(closed);
  }

  @AfterEach
  void restore() {
    System.setOut(before);
  }

  @Test
  void endsAWatch() throws Exception {
    View view = View.of("{}\n", List.of(), "");
    assertThat(new Watch(() -> view, Duration.ofMillis(1), true).run()).isZero();
  }

  @Test
  void endsLogsThatAreFollowed(@TempDir Path folder) throws Exception {
    Path logs = Files.createDirectory(folder.resolve("logs"));
    Files.writeString(logs.resolve("a.log"), "2026-11-28T09:00:00.100Z INFO  Main it starts\n");
    int code = new CommandLine(new LogsCommand()).execute("-f", "--data", folder.toString());
    assertThat(code).isZero();
  }
}
