package com.mcpist.origin.mcp.negotiation;

import com.mcpist.origin.mcp.wire.ProtocolVersion;
import com.mcpist.origin.module.LogLevel;
import com.mcpist.origin.module.Question;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who sent a request, as far as the request tells.
 *
 * @param version the revision it speaks
 * @param answerable the kinds of question it can answer
 * @param logLevel the least log level it wants to hear; null for none at all
 */
public record Client(
    ProtocolVersion version, Set<Question.Kind> answerable, @Nullable LogLevel logLevel) {
  public boolean hears(LogLevel level) {
    return logLevel != null && level.compareTo(logLevel) >= 0;
  }
}
