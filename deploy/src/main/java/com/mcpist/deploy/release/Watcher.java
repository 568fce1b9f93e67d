package com.mcpist.deploy.release;

import java.util.List;

/** Is told how it goes. Several threads may call it. */
public interface Watcher {
  void step(String text);

  void origin(String origin, String text);

  void failed(String problem);

  void note(String text);

  default void plan(String origin, List<String> calls) {}
}
