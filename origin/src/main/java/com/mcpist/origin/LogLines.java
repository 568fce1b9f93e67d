package com.mcpist.origin;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;

/**
 * A pattern layout that starts every line with a prefix, also those of a stack trace and of a
 * message that has several: platforms mix the logs of many programs line by line.
 */
public final class LogLines extends PatternLayout {
  private String prefix = "";

  /** Set by logback.xml. */
  public void setPrefix(String prefix) {
    this.prefix = prefix.isEmpty() ? "" : prefix + " ";
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    String text = super.doLayout(event);
    if (prefix.isEmpty() || text.isEmpty()) {
      return text;
    }
    StringBuilder lines = new StringBuilder(text.length() + prefix.length());
    text.lines().forEach(line -> lines.append(prefix).append(line).append(System.lineSeparator()));
    return lines.toString();
  }
}
