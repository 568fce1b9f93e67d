package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.process.Running.LogFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  @Test
  void aFileThatHasGrownIsRenamedAndThreeAreKept(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("a.log");
    try (LogFile log = new LogFile(file, 10)) {
      for (int i = 1; i <= 12; i++) {
        log.write("line " + (char) ('a' + i));
      }
    }

    assertThat(file).hasContent("line m");
    assertThat(folder.resolve("a.log.1")).hasContent("line l");
    assertThat(folder.resolve("a.log.3")).hasContent("line j");
    assertThat(folder.resolve("a.log.4")).doesNotExist();
  }

  @Test
  void whatIsThereIsGoneOnWith(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("a.log"), "earlier\n");
    try (LogFile log = new LogFile(file, 1000)) {
      log.write("now");
    }
    assertThat(file).hasContent("earlier\nnow");
  }

  @Test
  void aLineThatCannotBeWrittenIsDroppedAndTheNextOneTriesAgain(@TempDir Path folder)
      throws Exception {
    Path absent = folder.resolve("absent");
    try (LogFile log = new LogFile(absent.resolve("a.log"), 1000)) {
      log.write("lost");
      Files.createDirectory(absent);
      log.write("kept");
    }
    assertThat(absent.resolve("a.log")).hasContent("kept");
  }
}
