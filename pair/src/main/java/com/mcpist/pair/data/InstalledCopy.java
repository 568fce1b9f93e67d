package com.mcpist.pair.data;

import module java.base;

/** A copy of a release, as it is installed: a Java runtime of its own, and what is beside it. */
public final class InstalledCopy {
  private InstalledCopy() {}

  /** The folder of PostgreSQL's programs; empty where the Java that runs this is another's. */
  public static Optional<Path> postgres() {
    return Optional.of(Path.of(System.getProperty("java.home")).resolveSibling("postgres"))
        .filter(Files::isDirectory);
  }
}
