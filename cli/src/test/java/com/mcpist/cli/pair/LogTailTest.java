package com.mcpist.cli.pair;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private Path file;
  private PairCommands.Logs.Tail tail;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  LogTailTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) throws Exception {
    file = Files.writeString(folder.resolve("a.log"), "one\ntwo\nthree\n");
    tail =
        new PairCommands.Logs.Tail(
            file, "a | ", new PrintStream(shown, true, StandardCharsets.UTF_8));
  }

  @Test
  void theLastLinesAndThenWhatComes() throws Exception {
    tail.showLast(2);
    tail.showNew();
    assertThat(taken()).isEqualTo("a | two\na | three\n");

    append("fo");
    tail.showNew();
    assertThat(taken()).as("half a line").isEmpty();

    append("ur\nfünf\n");
    tail.showNew();
    assertThat(taken()).isEqualTo("a | four\na | fünf\n");
  }

  @Test
  void aFileThatIsBegunAnewIsReadFromItsBeginning() throws Exception {
    tail.showLast(0);
    Files.writeString(file, "new\n");
    tail.showNew();
    assertThat(taken()).isEqualTo("a | new\n");
  }

  @Test
  void aFileThatIsAwayForAMomentIsWaitedFor() throws Exception {
    tail.showLast(0);
    Files.delete(file);
    tail.showNew();
    assertThat(taken()).isEmpty();
  }

  private void append(String text) throws Exception {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  private String taken() {
    String text = shown.toString(StandardCharsets.UTF_8);
    shown.reset();
    return text;
  }
}
