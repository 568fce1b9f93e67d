package com.mcpist.origin;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.mcpist.origin.db.UnusableDatabaseException;
import com.mcpist.origin.http.OriginServer;
import com.mcpist.telemetry.PrivateProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The origin as a process. Exit codes: 0 stopped as asked, 1 it could not listen, or cannot work
 * with the database's schema or a module, 2 a setting is wrong.
 */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  /** Platforms kill after 30 s. */
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(25);

  private Main() {}

  public static void main(String[] arguments) {
    long startedNanos = System.nanoTime();
    PrivateProcess.begin();
    OriginConfig config;
    try {
      config = OriginConfig.of(System.getenv());
    } catch (OriginConfig.ConfigException e) {
      System.err.println("The origin does not start: " + e.getMessage() + ".");
      System.exit(2);
      return;
    }
    if (config.supervised()) {
      Thread.ofPlatform().daemon().name("supervisor").start(Main::stopWithSupervisor);
    }
    try {
      Origin origin = Origin.start(config, startedNanos, Main::refuse);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(origin), "stop"));
      LOG.info(
          "Release {} ({}) listens on {}, {} ms after its start",
          config.release(),
          config.environment().isEmpty() ? "no environment named" : config.environment(),
          origin.address(),
          Duration.ofNanos(System.nanoTime() - startedNanos).toMillis());
    } catch (OriginServer.ListenException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    } catch (RuntimeException e) {
      LOG.error("The start failed", e);
      // The last line, which a supervisor shows, is not one of the stack.
      System.err.println("The origin does not start: " + Modules.told(e));
      System.exit(1);
    }
  }

  private static void stop(Origin origin) {
    LOG.info("Stopping: calls in flight have {} s", DRAIN_LIMIT.toSeconds());
    origin.stop(DRAIN_LIMIT);
    LOG.info("Stopped");
    // The JVM's own status after SIGTERM is 143, which platforms take for a failure.
    Runtime.getRuntime().halt(0);
  }

  private static void refuse(UnusableDatabaseException e) {
    LOG.error("The origin does not start: {}", e.getMessage());
    Runtime.getRuntime().halt(1);
  }

  private static void stopWithSupervisor() {
    try {
      while (System.in.read() >= 0) {
        // Whatever it says, only its end matters.
      }
    } catch (IOException e) {
      LOG.info("Standard input broke: {}", e.getMessage());
    }
    System.exit(0);
  }

  /**
   * A pattern layout that starts every line with a prefix, also those of a stack trace and of a
   * message that has several: platforms mix the logs of many programs line by line. Whatever a
   * client brings into a message or an exception, it neither looks like another entry, whose lines
   * begin with a date and not with a tab, nor speaks to the terminal that shows it.
   */
  public static final class LogLines extends PatternLayout {
    /** Controls but the tab, what orders text to the left, and what some take for a line end. */
    private static final Pattern UNPRINTABLE =
        Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029&&[^\t]]");

    private String prefix = "";

    /** Set by logback.xml. */
    public void setPrefix(String prefix) {
      this.prefix = prefix.isEmpty() ? "" : prefix + " ";
    }

    @Override
    public String doLayout(ILoggingEvent event) {
      StringBuilder lines = new StringBuilder();
      for (String line : super.doLayout(event).lines().toList()) {
        boolean goesOn = !lines.isEmpty() && !line.startsWith("\t");
        lines
            .append(prefix)
            .append(goesOn ? "\t" : "")
            .append(UNPRINTABLE.matcher(line).replaceAll("?"))
            .append(System.lineSeparator());
      }
      return lines.toString();
    }
  }
}
