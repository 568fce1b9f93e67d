package com.mcpist.edge;

/** A setting is malformed or missing; the message is one line that names it. */
public final class ConfigException extends RuntimeException {
  ConfigException(String message) {
    super(message, null, false, false);
  }

  /** A field of EDGE_CONFIG that breaks a rule, as {@code must be from 0 to 10}. */
  static ConfigException field(String field, String rule) {
    return new ConfigException("EDGE_CONFIG: " + field + " " + rule);
  }
}
