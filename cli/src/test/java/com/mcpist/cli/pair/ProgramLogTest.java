package com.mcpist.cli.pair;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.cli.console.Terminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class ProgramLogTest {
  private static final String AT = "2026-11-28T09:00:00.";
  private static final String CALL = "01997b6e-7a1c-7c3e-9a33-5b1c0a6d1f00";
  private static final long ALL = 100_000;
  private static final Terminal PLAIN = new Terminal(false, false, false);

  private Path file;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  ProgramLogTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) throws Exception {
    file = Files.writeString(folder.resolve("a.log"), "");
  }

  @Test
  void aStackTraceBelongsToItsEventHoweverThePrefixReads() throws Exception {
    append("[koyeb] " + AT + "100Z WARN  Outside Call " + CALL + ": it broke\n");
    append("[koyeb] \tjava.io.IOException: away\n[koyeb] \tat a.B.c(B.java:1)\n");
    append(AT + "200Z INFO  Main a 2026-01-01T00:00:00.000Z ERROR Forged line\n");

    List<LogEvent> events = new ProgramLog(file, "koyeb-primary", ALL).next();

    assertThat(events).hasSize(2);
    assertThat(events.getFirst().json())
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"at": "2026-11-28T09:00:00.100Z", "program": "koyeb-primary", "level": "WARN",
                     "logger": "Outside", "message": "Call %1$s: it broke", "callId": "%1$s",
                     "error": "java.io.IOException: away\\nat a.B.c(B.java:1)"}
                    """
                        .formatted(CALL)));
    assertThat(events.getFirst().text(PLAIN, 9))
        .isEqualTo(
            "[koyeb]   2026-11-28T09:00:00.100Z WARN  Outside Call "
                + CALL
                + ": it broke: java.io.IOException: away");
    assertThat(events.getLast().text(PLAIN, 0))
        .isEqualTo(
            "[koyeb-primary] 2026-11-28T09:00:00.200Z INFO  Main a 2026-01-01T00:00:00.000Z ERROR"
                + " Forged line");
  }

  @Test
  void postgresHasLevelsAndFurtherLinesOfItsOwn() throws Exception {
    append("2026-11-28 09:00:00.300 UTC [7] LOG:  ready\n");
    append("2026-11-28 09:00:00.400 UTC [9] FATAL:  no slots\n");
    append("2026-11-28 09:00:00.400 UTC [9] STATEMENT:  SELECT $1\n\tFROM t\n");

    assertThat(new ProgramLog(file, "postgres", ALL).next())
        .extracting(event -> event.text(PLAIN, 0))
        .containsExactly(
            "[postgres] 2026-11-28T09:00:00.300Z INFO  ready",
            "[postgres] 2026-11-28T09:00:00.400Z ERROR no slots: STATEMENT: SELECT $1");
  }

  @Test
  void aLineWithoutATimeHasThatOfTheEventBefore() throws Exception {
    append(AT + "100Z INFO  Main one\nError occurred\n2026-99-99T99:99:99Z INFO  Main two\n");

    assertThat(new ProgramLog(file, "edge", ALL).next())
        .extracting(event -> event.text(PLAIN, 0))
        .containsExactly(
            "[edge] 2026-11-28T09:00:00.100Z INFO  Main one",
            "[edge] 2026-11-28T09:00:00.100Z       Error occurred",
            "[edge] 2026-11-28T09:00:00.100Z INFO  Main two");
  }

  @Test
  void whatComesIsToldOnceItsLinesAreThere() throws Exception {
    append("one\ntwo\nthree\n");
    ProgramLog log = new ProgramLog(file, "a", 8);
    assertThat(messages(log))
        .as("of the last bytes, the line that is whole")
        .containsExactly("three");

    append("fo");
    assertThat(messages(log)).isEmpty();
    append("ur\nfünf\n");
    assertThat(messages(log)).isEmpty();
    append("\tmore\n");
    List<LogEvent> come = log.next();
    assertThat(come).extracting(LogEvent::message).containsExactly("four", "fünf");
    assertThat(come.getLast().error()).isEqualTo("more");
    assertThat(messages(log)).isEmpty();
  }

  @Test
  void aFileThatIsAwayForAMomentAndBegunAnewIsReadFromItsBeginning() throws Exception {
    append("one\n");
    ProgramLog log = new ProgramLog(file, "a", ALL);
    assertThat(messages(log)).containsExactly("one");
    Files.delete(file);
    assertThat(messages(log)).isEmpty();
    append("2\n");
    assertThat(messages(log)).isEmpty();
    assertThat(messages(log)).containsExactly("2");
  }

  private static List<String> messages(ProgramLog log) throws Exception {
    return log.next().stream().map(LogEvent::message).toList();
  }

  private void append(String text) throws Exception {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
