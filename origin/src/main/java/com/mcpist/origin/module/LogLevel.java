package com.mcpist.origin.module;

/** How much a log message for the client matters, from least to most, as in syslog. */
public enum LogLevel {
  DEBUG,
  INFO,
  NOTICE,
  WARNING,
  ERROR,
  CRITICAL,
  ALERT,
  EMERGENCY;
}
