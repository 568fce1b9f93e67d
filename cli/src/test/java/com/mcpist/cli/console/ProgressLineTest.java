package com.mcpist.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private static final Duration TIME = Duration.ofMillis(1234);

  @Test
  void aTerminalGetsALineThatMoves() {
    Progress.Line line = new Progress.Line(new Terminal(true, true, true));

    assertThat(line.running("Starting", TIME, 0))
        .startsWith("\r\u001b[K")
        .contains("⠋", "Starting", "1.2 s")
        .doesNotContain("\n");
    assertThat(line.running("Starting", TIME, 11)).contains("⠙");
    assertThat(line.done("Starting", TIME)).contains("✓", "Starting").endsWith("\n");
    assertThat(line.cleared()).isEqualTo("\r\u001b[K");
  }

  @Test
  void withoutColourItMovesAllTheSame() {
    Progress.Line line = new Progress.Line(new Terminal(true, false, false));

    assertThat(line.running("Starting", TIME, 1)).isEqualTo("\r\u001b[K/ Starting 1.2 s");
    assertThat(line.done("Starting", TIME)).isEqualTo("\r\u001b[K* Starting 1.2 s\n");
  }

  @Test
  void elsewhereThereIsAPlainLineForEachStep() {
    Progress.Line line = new Progress.Line(new Terminal(false, false, true));

    assertThat(line.running("Starting", TIME, 0)).isEmpty();
    assertThat(line.done("Starting", TIME)).isEqualTo("Starting: done in 1.2 s\n");
    assertThat(line.cleared()).isEmpty();
  }

  @Test
  void whatATerminalCanShow() {
    Map<String, String> xterm = Map.of("TERM", "xterm");

    assertThat(Terminal.of(true, xterm, StandardCharsets.UTF_8))
        .isEqualTo(new Terminal(true, true, true));
    assertThat(Terminal.of(true, Map.of("TERM", "dumb"), StandardCharsets.UTF_8))
        .isEqualTo(new Terminal(false, false, true));
    assertThat(Terminal.of(true, Map.of("TERM", "xterm", "NO_COLOR", "1"), StandardCharsets.UTF_8))
        .isEqualTo(new Terminal(true, false, true));
    assertThat(Terminal.of(true, Map.of("TERM", "xterm", "NO_COLOR", ""), StandardCharsets.UTF_8))
        .isEqualTo(new Terminal(true, true, true));
    assertThat(Terminal.of(false, xterm, StandardCharsets.US_ASCII))
        .isEqualTo(new Terminal(false, false, false));
  }
}
