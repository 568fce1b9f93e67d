package com.mcpist.edge;

/** A setting is malformed or missing; the message is one line that names it. */
public final class ConfigException extends RuntimeException {
  ConfigException(String message) {
    super(message, null, false, false);
  }
}
