package com.mcpist.origin;

import com.mcpist.module.Module;
import com.mcpist.origin.memory.MemoryModule;
import java.time.InstantSource;
import java.util.List;

/** The modules that this origin serves, in the order in which clients see them. */
final class Modules {
  private Modules() {}

  /** One line for each module; docs/modules.md says how to write one. */
  static List<Module> all(OriginConfig.Services services) {
    return List.of(new MemoryModule(InstantSource.system()));
  }
}
