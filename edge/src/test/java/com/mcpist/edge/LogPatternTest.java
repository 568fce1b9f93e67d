package com.mcpist.edge;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests the log as logback.xml writes it. */
class LogPatternTest {
  @Test
  void aMessageIsOneLineAndSpeaksToNoTerminal() throws JoranException {
    String line = written("a\r\n2026-01-01 ERROR forged\u001b[31m\u2028b\u202e", null);
    assertThat(line).endsWith("a??2026-01-01 ERROR forged?[31m?b?" + System.lineSeparator());
    assertThat(line.lines()).hasSize(1);
  }

  @Test
  void anExceptionHasItsLinesAndNothingElse() throws JoranException {
    String lines = written("failed", new IllegalStateException("bell\u0007 and \u001b[2J\nx"));
    assertThat(lines.lines().skip(1).limit(2))
        .containsExactly("\tjava.lang.IllegalStateException: bell? and ?[2J", "\tx");
    assertThat(lines.lines().skip(3)).isNotEmpty().allMatch(line -> line.startsWith("\tat "));
  }

  private static String written(String message, @Nullable Throwable thrown) throws JoranException {
    LoggerContext context = new LoggerContext();
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(LogPatternTest.class.getResource("/logback.xml"));
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    var stdout = (ConsoleAppender<ILoggingEvent>) root.getAppender("stdout");
    var event = new LoggingEvent("", root, Level.WARN, message, thrown, new Object[0]);
    return new String(stdout.getEncoder().encode(event), StandardCharsets.UTF_8);
  }
}
