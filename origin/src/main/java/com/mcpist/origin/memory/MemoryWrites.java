package com.mcpist.origin.memory;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import com.mcpist.origin.module.ToolCall;
import com.mcpist.origin.module.ToolException;
import com.mcpist.origin.module.ToolResult;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The tools that change memories. */
final class MemoryWrites {
  private final InstantSource clock;
  private final TimeBasedEpochGenerator ids;

  MemoryWrites(InstantSource clock) {
    this.clock = clock;
    this.ids = Generators.timeBasedEpochGenerator();
  }

  ToolResult save(ToolCall call) throws ToolException {
    ObjectNode arguments = call.arguments();
    Instant now = now();
    Memory memory =
        new Memory(
            ids.generate(),
            MemoryInput.required(arguments, "title").strip(),
            MemoryInput.required(arguments, "text"),
            MemoryInput.tags(arguments).orElse(List.of()),
            now,
            now);
    store(call).insert(memory);
    return ToolResult.of(memory.summary(), "Saved: " + memory.line());
  }

  ToolResult update(ToolCall call) throws ToolException {
    ObjectNode arguments = call.arguments();
    MemoryStore store = store(call);
    UUID id = MemoryInput.id(arguments);
    Memory old = store.getForUpdate(id).orElseThrow(MemoryReads::noSuchMemory);
    Memory memory =
        new Memory(
            id,
            MemoryInput.text(arguments, "title").map(String::strip).orElse(old.title()),
            MemoryInput.text(arguments, "text").orElse(old.text()),
            MemoryInput.tags(arguments).orElse(old.tags()),
            old.createdAt(),
            now());
    store.update(memory);
    return ToolResult.of(memory.summary(), "Updated: " + memory.line());
  }

  ToolResult delete(ToolCall call) throws ToolException {
    UUID id = MemoryInput.id(call.arguments());
    if (!store(call).delete(id)) {
      throw MemoryReads.noSuchMemory();
    }
    return ToolResult.of(
        JsonNodeFactory.instance.objectNode().put("id", id.toString()).put("deleted", true),
        "Deleted the memory " + id + ".");
  }

  /** As precise as what is told of it. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static MemoryStore store(ToolCall call) {
    return new MemoryStore(call.database(), call.attempt().key().user());
  }
}
