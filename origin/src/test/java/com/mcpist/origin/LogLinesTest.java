package com.mcpist.origin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.mcpist.origin.Main.LogLines;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class LogLinesTest {
  private final LoggerContext context = new LoggerContext();

  private String line(String prefix, String message, @Nullable Throwable failure) {
    LogLines layout = new LogLines();
    layout.setContext(context);
    layout.setPattern("%level %msg%n%ex{2}");
    layout.setPrefix(prefix);
    layout.start();
    return layout.doLayout(
        new LoggingEvent(
            "test", context.getLogger("test"), Level.INFO, message, failure, new Object[0]));
  }

  @Test
  void everyLineStartsWithThePrefix() {
    String text = line("[koyeb]", "one\ntwo", new IllegalStateException("broken"));

    assertThat(text.lines()).hasSizeGreaterThan(3).allMatch(l -> l.startsWith("[koyeb] "));
    assertThat(text).startsWith("[koyeb] INFO one\n[koyeb] \ttwo\n").contains("broken");
  }

  @Test
  void whatAClientSaysNeitherForgesAnEntryNorReachesTheTerminal() {
    String said = "a\r\nERROR forged\u2028\u202e\u001b[2J\rINFO too\u0085\u0000";
    String text = line("", said, new IllegalStateException("b\nWARN forged\u001b]0;x\u0007"));

    assertThat(text).startsWith("INFO a").contains("ERROR forged", "WARN forged");
    assertThat(text.lines().skip(1)).isNotEmpty().allMatch(l -> l.startsWith("\t"));
    assertThat(text).doesNotContainPattern("[\\p{Cc}\\p{Cf}\u2028&&[^\t\n]]");
  }

  @Test
  void withoutOneNothingIsAdded() {
    assertThat(line("", "one", null)).isEqualTo("INFO one" + System.lineSeparator());
  }
}
