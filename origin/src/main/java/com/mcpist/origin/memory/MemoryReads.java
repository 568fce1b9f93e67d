package com.mcpist.origin.memory;

import com.mcpist.origin.module.ToolCall;
import com.mcpist.origin.module.ToolException;
import com.mcpist.origin.module.ToolResult;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The tools that read memories. */
final class MemoryReads {
  private static final int SEARCH_LIMIT = 10;
  private static final int LIST_LIMIT = 50;

  /** Each is looked for in every text that could match. */
  private static final int MOST_WORDS = 16;

  ToolResult search(ToolCall call) throws ToolException {
    ObjectNode arguments = call.arguments();
    List<String> words = SearchText.words(MemoryInput.required(arguments, "query"));
    if (words.size() > MOST_WORDS) {
      throw new ToolException(
          "Search for at most %d words at once: these are %d.".formatted(MOST_WORDS, words.size()));
    }
    int limit = arguments.path("limit").asInt(SEARCH_LIMIT);
    boolean best = arguments.path("order").asString("best").equals("best");
    List<String> tags = MemoryInput.tags(arguments).orElse(List.of());
    List<Memory> found = store(call).search(words, tags, best, limit + 1);
    boolean more = found.size() > limit;
    List<Memory> shown = more ? found.subList(0, limit) : found;
    ObjectNode structured = JsonNodeFactory.instance.objectNode();
    ArrayNode memories = structured.putArray("memories");
    shown.forEach(m -> memories.add(m.summary().put("excerpt", Excerpt.of(m.text(), words))));
    structured.put("more", more);
    String text =
        shown.isEmpty()
            ? "No memory contains all of these words."
            : lines(shown, m -> m.line() + "\n  " + Excerpt.of(m.text(), words))
                + (more ? "\nThere are more: ask with more words, or a higher limit." : "");
    return ToolResult.of(structured, text);
  }

  ToolResult get(ToolCall call) throws ToolException {
    UUID id = MemoryInput.id(call.arguments());
    Memory memory = store(call).get(id).orElseThrow(MemoryReads::noSuchMemory);
    return ToolResult.of(memory.whole(), memory.line() + "\n\n" + memory.text());
  }

  ToolResult list(ToolCall call) throws ToolException {
    ObjectNode arguments = call.arguments();
    String user = call.attempt().key().user();
    List<String> tags = MemoryInput.tags(arguments).orElse(List.of());
    @Nullable UUID after =
        arguments.has("cursor")
            ? Cursor.read(arguments.path("cursor").asString(), user, tags)
            : null;
    int limit = arguments.path("limit").asInt(LIST_LIMIT);
    List<Memory> found = store(call).list(tags, after, limit + 1);
    boolean more = found.size() > limit;
    List<Memory> shown = more ? found.subList(0, limit) : found;
    ObjectNode structured = JsonNodeFactory.instance.objectNode();
    ArrayNode memories = structured.putArray("memories");
    shown.forEach(m -> memories.add(m.summary()));
    if (more) {
      structured.put("nextCursor", Cursor.after(shown.getLast().id(), user, tags));
    }
    String text =
        shown.isEmpty()
            ? "There are no memories" + (after == null ? "." : " after these.")
            : lines(shown, Memory::line) + (more ? "\nThere are more: go on with nextCursor." : "");
    return ToolResult.of(structured, text);
  }

  static ToolException noSuchMemory() {
    return new ToolException(
        "There is no memory with this id. memory_search and memory_list show those there are.");
  }

  private static MemoryStore store(ToolCall call) {
    return new MemoryStore(call.database(), call.attempt().key().user());
  }

  private static String lines(List<Memory> memories, Function<Memory, String> line) {
    return memories.stream().map(m -> "- " + line.apply(m)).collect(Collectors.joining("\n"));
  }
}
