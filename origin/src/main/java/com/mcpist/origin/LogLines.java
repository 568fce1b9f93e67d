package com.mcpist.origin;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.regex.Pattern;

/**
 * A pattern layout that starts every line with a prefix, also those of a stack trace and of a
 * message that has several: platforms mix the logs of many programs line by line. Whatever a client
 * brings into a message or an exception, it neither looks like another entry, whose lines begin
 * with a date and not with a tab, nor speaks to the terminal that shows it.
 */
public final class LogLines extends PatternLayout {
  /** Controls but the tab, what orders text to the left, and what only some take for a line end. */
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
