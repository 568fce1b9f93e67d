package com.mcpist.deploy.platform.cloudflare;

import module java.base;

import tools.jackson.databind.JsonNode;

/**
 * A version of the Worker: its program and its bindings, secrets among them. The mark distinguishes
 * MCPist's versions from others; mark and release are empty if something other than MCPist uploaded
 * the version. {@code bySecret} is true if a changed secret made the version out of the one before.
 */
public record WorkerVersion(String id, long number, String release, String mark, boolean bySecret) {
  static final String MESSAGE = "workers/message";
  static final String MARK = "workers/tag";

  private static final int SHORTEST_ID = 6;
  private static final String TRIGGER = "workers/triggered_by";

  private static WorkerVersion of(JsonNode json) {
    JsonNode annotations = json.path("annotations");
    return new WorkerVersion(
        json.path("id").asString(""),
        json.path("number").asLong(0),
        annotations.path(MESSAGE).asString(""),
        annotations.path(MARK).asString(""),
        annotations.path(TRIGGER).asString("").equals("secret"));
  }

  /**
   * Returns the versions, the newest first. A version that a secret has made has the program of the
   * version below it.
   */
  static List<WorkerVersion> list(JsonNode items) {
    List<WorkerVersion> versions =
        new ArrayList<>(items.valueStream().map(WorkerVersion::of).toList());
    for (int i = versions.size() - 2; i >= 0; i--) {
      if (versions.get(i).bySecret()) {
        versions.set(i, versions.get(i).withProgramOf(versions.get(i + 1)));
      }
    }
    return versions;
  }

  private WorkerVersion withProgramOf(WorkerVersion other) {
    return new WorkerVersion(id, number, other.release, other.mark, true);
  }

  public boolean isCalled(String name) {
    return name.equals(release)
        || name.equals(Long.toString(number))
        || (name.length() >= SHORTEST_ID && id.startsWith(name));
  }

  /** Returns true if the version differs from the other in nothing but its secrets. */
  public boolean sameProgram(WorkerVersion other) {
    return id.equals(other.id) || (!mark.isEmpty() && mark.equals(other.mark));
  }

  @Override
  public String toString() {
    String name = release.isEmpty() ? "" : release + ", ";
    return "%sversion %s (%s)".formatted(name, number, id.substring(0, Math.min(8, id.length())));
  }
}
