package com.mcpist.pair.supervisor;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.file.Path;
import java.util.Objects;
import org.slf4j.LoggerFactory;

/**
 * The supervisor's own log, supervisor.log. It is set up once the data folder is known to be
 * writable; before that nothing is logged, since standard output is for events.
 */
final class SupervisorLog {
  private SupervisorLog() {}

  static void writeTo(Path logs) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.putProperty("logs", logs.toString());
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(
          Objects.requireNonNull(SupervisorLog.class.getResource("supervisor-log.xml")));
    } catch (JoranException e) {
      throw new IllegalStateException("this build's supervisor-log.xml cannot be read", e);
    }
  }
}
