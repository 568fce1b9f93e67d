package com.mcpist.drill.tool;

import module java.base;

/** A tool that a drill calls. All but the memory's are tools of the {@link CountingServer}. */
public enum Tool {
  /** The memory's {@code memory_save}, which changes the database. */
  MEMORY(""),
  /** A mounted tool that only reads, and may run again. */
  READS(",\"annotations\":{\"readOnlyHint\":true}"),
  /** A mounted tool that sets a value: it may run again, until a newer value is set. */
  IDEMPOTENT(",\"annotations\":{\"idempotentHint\":true}"),
  /** A mounted tool that may run again under its key, and ignores a key that it has seen. */
  KEYED(""),
  /** A mounted tool that may not run again. */
  ONCE("");

  private final String annotations;

  Tool(String annotations) {
    this.annotations = annotations;
  }

  /** Returns whether a mounted server has the tool. */
  public boolean mounted() {
    return this != MEMORY;
  }

  /** Returns whether a client may be told that the outcome of a call is unknown. */
  public boolean mayBeUnknown() {
    return this == ONCE;
  }

  /** Returns the name on the command line, in JSON, and at the mounted server: {@code once}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static List<String> labels() {
    return Arrays.stream(values()).map(Tool::label).toList();
  }

  /** Returns the tool with that label, or empty if there is none. */
  public static Optional<Tool> of(String label) {
    return Arrays.stream(values()).filter(tool -> tool.label().equals(label)).findFirst();
  }

  /** Returns the tool as a mounted server lists it, in JSON. */
  String definition() {
    return """
    {"name":"%s","inputSchema":{"type":"object","properties":\
    {"text":{"type":"string"},"key":{"type":"string"}},"required":["text"]}%s}\
    """
        .formatted(label(), annotations);
  }
}
