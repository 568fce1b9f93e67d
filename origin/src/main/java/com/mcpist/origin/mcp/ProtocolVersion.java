package com.mcpist.origin.mcp;

import java.util.Arrays;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The revisions of MCP that are served, the newest first. */
public enum ProtocolVersion {
  V2026_07_28("2026-07-28"),
  V2025_11_25("2025-11-25"),
  V2025_06_18("2025-06-18"),
  V2025_03_26("2025-03-26");

  private final String wire;

  ProtocolVersion(String wire) {
    this.wire = wire;
  }

  public String wire() {
    return wire;
  }

  /**
   * Whether every request says for itself who sends it: no initialize, no session, and its client
   * cancels it by closing its connection.
   */
  public boolean modern() {
    return this == V2026_07_28;
  }

  public boolean batches() {
    return this == V2025_03_26;
  }

  /** Whether wrong arguments are a tool's error, which the client's model sees and can mend. */
  public boolean argumentErrorsAreResults() {
    return this == V2026_07_28 || this == V2025_11_25;
  }

  public static Optional<ProtocolVersion> of(String wire) {
    return Arrays.stream(values()).filter(v -> v.wire.equals(wire)).findFirst();
  }

  public static ArrayNode supported() {
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    Arrays.stream(values()).map(ProtocolVersion::wire).forEach(names::add);
    return names;
  }
}
