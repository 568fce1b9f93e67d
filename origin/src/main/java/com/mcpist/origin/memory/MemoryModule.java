package com.mcpist.origin.memory;

import com.mcpist.origin.module.Effect;
import com.mcpist.origin.module.Module;
import com.mcpist.origin.module.Tool;
import java.time.InstantSource;
import java.util.List;

/** What a person's assistant should remember. */
public final class MemoryModule implements Module {
  private final List<Tool> tools;

  /** A module whose memories are dated by this clock. */
  public MemoryModule(InstantSource clock) {
    MemoryWrites writes = new MemoryWrites(clock);
    MemoryReads reads = new MemoryReads();
    tools =
        List.of(
            tool("memory_save", Effect.WRITES_DATABASE, writes::save),
            tool("memory_search", Effect.READS, reads::search),
            tool("memory_get", Effect.READS, reads::get),
            tool("memory_list", Effect.READS, reads::list),
            tool("memory_update", Effect.WRITES_DATABASE, writes::update),
            tool("memory_delete", Effect.WRITES_DATABASE, writes::delete));
  }

  private static Tool tool(String name, Effect effect, Tool.Handler handler) {
    return Tool.of(MemoryModule.class, name, effect, handler);
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public List<Tool> tools() {
    return tools;
  }
}
