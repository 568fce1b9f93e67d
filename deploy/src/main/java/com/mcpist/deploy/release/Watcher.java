package com.mcpist.deploy.release;

import java.util.List;

/** Is told how it goes. Several threads may call it. */
public interface Watcher {
  /** What begins now. */
  void step(String text);

  /** How one origin is getting on. */
  void origin(String origin, String text);

  /** What had begun has failed. */
  void failed(String problem);

  /** What is known now, and stays. */
  void note(String text);

  /** What the plan is, before anything is changed: one call of a platform a line. */
  default void plan(String origin, List<String> calls) {}
}
