package com.mcpist.e2e.security;

/** What is attacked. */
enum Target {
  /** The JVM's edge, in front of an origin. */
  JAVA_EDGE,
  /** The Worker, in front of the same origin. */
  WORKER,
  /** The origin itself, past any edge. */
  ORIGIN
}
