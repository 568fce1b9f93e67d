package com.mcpist.origin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import com.mcpist.origin.Main.LogLines;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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
  void aLineThatIsAboutACallNamesIt() throws Exception {
    assertThat(written("", Map.of())).matches("2\\S+Z INFO  test it is so\n");
    assertThat(written("", Map.of("callId", "0199")))
        .endsWith("Z INFO  test Call 0199: it is so\n");
  }

  @Test
  void asJsonALineIsAnObject() throws Exception {
    JsonNode line = JsonMapper.shared().readTree(written("json", Map.of("callId", "0199")));
    assertThat(line.propertyNames())
        .containsExactly(
            "timestamp", "level", "loggerName", "context", "mdc", "formattedMessage", "throwable");
    assertThat(line.path("context").path("name").asString()).isEqualTo("origin");
    assertThat(line.path("mdc").path("callId").asString()).isEqualTo("0199");
    assertThat(line.path("formattedMessage").asString()).isEqualTo("it is so");
  }

  /** As logback.xml says. */
  private static String written(String format, Map<String, String> about) throws JoranException {
    LoggerContext context = new LoggerContext();
    context.putProperty("LOG_FORMAT", format);
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(LogLinesTest.class.getResource("/logback.xml"));
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    var stdout = (ConsoleAppender<ILoggingEvent>) root.getAppender("stdout" + format);
    var event =
        new LoggingEvent(
            "", context.getLogger("test"), Level.INFO, "it is {}", null, new Object[] {"so"});
    event.setMDCPropertyMap(about);
    return new String(stdout.getEncoder().encode(event), StandardCharsets.UTF_8);
  }

  @Test
  void withoutOneNothingIsAdded() {
    assertThat(line("", "one", null)).isEqualTo("INFO one" + System.lineSeparator());
  }
}
