package com.mcpist.deploy.config;

import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Bounds how deep YAML of a stranger is nested. The library composes nodes by recursion, so a few
 * thousand brackets would use up the stack. It parses events without recursion.
 */
public final class YamlDepth {
  private static final int MOST = 50;

  private YamlDepth() {}

  /**
   * Checks a text before it is composed.
   *
   * @throws YamlEngineException if the text is not YAML, or is nested more than 50 levels deep
   */
  public static void check(LoadSettings settings, String text) {
    int depth = 0;
    for (Event event : new Parse(settings).parseString(text)) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        default -> {}
      }
      if (depth > MOST) {
        throw new YamlEngineException("it is nested more than " + MOST + " levels deep");
      }
    }
  }
}
