package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  private Path file;
  private LogFile log;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  LogFileTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) {
    file = folder.resolve("a.log");
    log = new LogFile(file, 10);
  }

  @Test
  void oneThatHasGrownGoesOnFromItsBeginningAndThreeAreKept() throws Exception {
    try (OutputStream program = program()) {
      for (int i = 1; i <= 5; i++) {
        write(program, "line %d\n".formatted(i));
        log.bound();
        assertThat(file).content().hasSizeLessThanOrEqualTo(10);
        write(program, "of it\n");
        log.bound();
      }
    }

    assertThat(file).isEmptyFile();
    assertThat(file.resolveSibling("a.log.1")).hasContent("line 5\nof it");
    assertThat(file.resolveSibling("a.log.3")).hasContent("line 3\nof it");
    assertThat(file.resolveSibling("a.log.4")).doesNotExist();
  }

  @Test
  void itIsCutAlsoWhereItCannotBeKept() throws Exception {
    Files.createDirectories(file.resolveSibling("a.log.1").resolve("in the way"));
    Files.createDirectories(file.resolveSibling("a.log.2").resolve("in the way"));
    Files.writeString(file, "a line and another one");

    log.bound();

    assertThat(file).isEmptyFile();
    new LogFile(file.resolveSibling("absent"), 10).bound();
  }

  @Test
  void theLastLineIsOfWhatWasWrittenSince() throws Exception {
    assertThat(log.lastLine(0)).isEmpty();
    try (OutputStream program = program()) {
      write(program, "of an earlier run\n");
      long from = log.size();
      assertThat(log.lastLine(from)).isEmpty();
      write(program, "first\n the reason \n\n");
      assertThat(log.lastLine(from)).isEqualTo("the reason");
      log.bound();
      write(program, "anew");
      assertThat(log.lastLine(from)).as("the file is shorter now").isEqualTo("anew");
      write(program, "\n" + "x".repeat(100_000));
      assertThat(log.lastLine(from)).hasSizeBetween(10_000, 20_000);
    }
  }

  private OutputStream program() throws IOException {
    return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static void write(OutputStream program, String text) throws IOException {
    program.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
