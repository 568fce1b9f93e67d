package com.mcpist.edge;

/**
 * Thrown when a setting is malformed or missing. The message is one line that names the setting.
 */
public final class ConfigException extends RuntimeException {
  ConfigException(String message) {
    super(message, null, false, false);
  }

  /**
   * Returns an exception for a field of EDGE_CONFIG that breaks a rule, such as {@code must be from
   * 0 to 10}.
   */
  static ConfigException field(String field, String rule) {
    return new ConfigException("EDGE_CONFIG: " + field + " " + rule);
  }
}
