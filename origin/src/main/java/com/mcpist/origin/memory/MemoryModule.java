package com.mcpist.origin.memory;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a person's assistant should remember. */
public final class MemoryModule implements Module {
  private static final int SEARCH_LIMIT = 10;
  private static final int LIST_LIMIT = 50;

  /** Of the texts that are exported at once, about, in characters: clients cut what is longer. */
  private static final int EXPORT_LENGTH = 30_000;

  private static final int MOST_REPEATING = 1000;

  /** Users whose last memory was nearly the same as another one: so the next may be. */
  private final Cache<String, Boolean> repeating =
      Caffeine.newBuilder().maximumSize(MOST_REPEATING).executor(Runnable::run).build();

  private final InstantSource clock;
  private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();

  public MemoryModule(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public List<Tool> tools() {
    return List.of(
        tool("memory_save", Effect.WRITES_DATABASE, this::save).withStatementFirst(),
        tool("memory_search", Effect.READS, MemoryModule::search),
        tool("memory_get", Effect.READS, MemoryModule::get),
        tool("memory_list", Effect.READS, MemoryModule::list),
        tool("memory_update", Effect.WRITES_DATABASE, this::update).withStatementFirst(),
        tool("memory_delete", Effect.WRITES_DATABASE, MemoryModule::delete),
        tool("memory_history", Effect.READS, MemoryHistory::show),
        tool("memory_restore", Effect.WRITES_DATABASE, call -> MemoryHistory.restore(call, now())),
        tool("memory_export", Effect.READS, MemoryModule::export));
  }

  @Override
  public boolean upkeep(Handle database) {
    Synonyms.shipped(); // Read by now, so that a search seldom waits for it.
    boolean moreToIndex = MemoryStore.indexAnew(database);
    return MemoryHistory.clean(database) || moreToIndex;
  }

  private static Tool tool(String name, Effect effect, Tool.Handler handler) {
    return Tool.of(MemoryModule.class, name, effect, handler);
  }

  private ToolResult save(ToolCall call) throws ToolException {
    ObjectNode arguments = call.arguments();
    Instant now = now();
    Memory memory =
        new Memory(
            ids.generate(),
            required(arguments, "title").strip(),
            required(arguments, "text"),
            tags(arguments).orElse(List.of()),
            now,
            now);
    return written("Saved: ", memory, call, alone -> store(call).insert(memory, alone));
  }

  private ToolResult update(ToolCall call) throws ToolException {
    ObjectNode arguments = call.arguments();
    MemoryStore store = store(call);
    UUID id = id(arguments);
    Memory old = MemoryHistory.of(call).keep(id).orElseThrow(MemoryModule::noSuchMemory);
    Memory memory =
        new Memory(
            id,
            text(arguments, "title").map(String::strip).orElse(old.title()),
            text(arguments, "text").orElse(old.text()),
            tags(arguments).orElse(old.tags()),
            old.createdAt(),
            now());
    return written("Updated: ", memory, call, alone -> store.update(memory, alone));
  }

  /** {@code write}: is given the result, where it is likely that no memory is nearly the same. */
  private ToolResult written(
      String done,
      Memory memory,
      ToolCall call,
      Function<@Nullable ToolResult, Optional<Memory>> write) {
    String user = call.attempt().key().user();
    ToolResult alone = written(done, memory, Optional.empty());
    Optional<Memory> similar = write.apply(repeating.getIfPresent(user) == null ? alone : null);
    if (similar.isPresent()) {
      repeating.put(user, true);
      return written(done, memory, similar);
    }
    repeating.invalidate(user);
    return alone;
  }

  private static ToolResult written(String done, Memory memory, Optional<Memory> similar) {
    ObjectNode structured = memory.summary();
    similar.ifPresent(s -> structured.set("similar", s.summary()));
    return ToolResult.of(
        structured,
        done
            + memory.line()
            + similar
                .map(
                    s ->
                        "\nThis one is nearly the same: "
                            + s.line()
                            + "\nIf both say the same thing, update one and delete the other.")
                .orElse(""));
  }

  private static ToolResult delete(ToolCall call) throws ToolException {
    UUID id = id(call.arguments());
    MemoryHistory history = MemoryHistory.of(call);
    boolean forever = call.arguments().path("forever").asBoolean(false);
    boolean forgotten = forever && history.forget(id); // Also of one that is deleted already.
    boolean deleted = forever ? store(call).delete(id) : history.delete(id);
    if (!deleted && !forgotten) {
      throw noSuchMemory();
    }
    return ToolResult.of(
        JsonNodeFactory.instance.objectNode().put("id", id.toString()).put("deleted", true),
        "Deleted the memory "
            + id
            + (forever ? " for good." : ". memory_history has it for 30 days."));
  }

  /** As precise as what is told of it. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static ToolResult search(ToolCall call) throws ToolException {
    ObjectNode arguments = call.arguments();
    SearchQuery query = SearchQuery.of(required(arguments, "query"), Synonyms.shipped());
    int limit = arguments.path("limit").asInt(SEARCH_LIMIT);
    boolean best = arguments.path("order").asString("best").equals("best");
    List<String> tags = tags(arguments).orElse(List.of());
    return found(query, store(call).search(query, tags, best, limit + 1), limit);
  }

  private static ToolResult found(SearchQuery query, MemoryStore.Found found, int limit) {
    boolean more = found.memories().size() > limit;
    List<Memory> shown = more ? found.memories().subList(0, limit) : found.memories();
    List<String> notFound = query.notFound(found.units());
    ObjectNode structured = JsonNodeFactory.instance.objectNode();
    ArrayNode memories = structured.putArray("memories");
    StringBuilder text = new StringBuilder();
    for (Memory memory : shown) {
      String excerpt = SearchText.excerpt(memory.text(), query.lexemes());
      memories.add(memory.summary().put("excerpt", excerpt));
      text.append("- ").append(memory.line()).append("\n  ").append(excerpt).append('\n');
    }
    structured.put("more", more);
    notFound.forEach(structured.putArray("notFound")::add);
    if (shown.isEmpty()) {
      text.append(nothing(query, found));
    } else if (!notFound.isEmpty()) {
      text.append("In no memory: ").append(String.join(", ", notFound)).append(".\n");
    }
    if (more || (!shown.isEmpty() && found.lookedAt().isPresent())) {
      text.append(more ? "There are more" : "There may be more")
          .append(": ask with more words, or a higher limit.");
    }
    return ToolResult.of(structured, text.toString().stripTrailing());
  }

  private static String nothing(SearchQuery query, MemoryStore.Found found) {
    if (query.phrases().isEmpty()) {
      return "No memory contains any of this.";
    }
    return found.lookedAt().isEmpty()
        ? "No memory contains this as typed."
        : "None of the first %d memories with its words contains this as typed. Ask with more words."
            .formatted(found.lookedAt().getAsInt());
  }

  private static ToolResult get(ToolCall call) throws ToolException {
    UUID id = id(call.arguments());
    Memory memory = store(call).get(id).orElseThrow(MemoryModule::noSuchMemory);
    return ToolResult.of(memory.whole(), memory.line() + "\n\n" + memory.text());
  }

  private static ToolResult list(ToolCall call) throws ToolException {
    ObjectNode arguments = call.arguments();
    String user = call.attempt().key().user();
    List<String> tags = tags(arguments).orElse(List.of());
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

  private static ToolResult export(ToolCall call) throws ToolException {
    ObjectNode arguments = call.arguments();
    String user = call.attempt().key().user();
    @Nullable UUID after =
        arguments.has("cursor")
            ? Cursor.read(arguments.path("cursor").asString(), user, List.of())
            : null;
    List<Memory> page = store(call).page(after, EXPORT_LENGTH);
    ObjectNode structured = JsonNodeFactory.instance.objectNode();
    ArrayNode memories = structured.putArray("memories");
    page.forEach(m -> memories.add(m.whole()));
    int length = page.stream().mapToInt(m -> m.text().length()).sum();
    if (length >= EXPORT_LENGTH) {
      structured.put("nextCursor", Cursor.after(page.getLast().id(), user, List.of()));
    }
    String lines = memories.valueStream().map(JsonNode::toString).collect(Collectors.joining("\n"));
    return ToolResult.of(structured, lines);
  }

  private static ToolException noSuchMemory() {
    return new ToolException(
        "There is no memory with this id. memory_search and memory_list show those there are.");
  }

  private static MemoryStore store(ToolCall call) {
    return new MemoryStore(call.database(), call.attempt().key().user());
  }

  private static String lines(List<Memory> memories, Function<Memory, String> line) {
    return memories.stream().map(m -> "- " + line.apply(m)).collect(Collectors.joining("\n"));
  }

  /** Text that has something in it, empty where the argument is absent. */
  private static Optional<String> text(ObjectNode arguments, String name) throws ToolException {
    JsonNode value = arguments.get(name);
    if (value == null) {
      return Optional.empty();
    }
    String text = storable(value.asString(), name);
    if (text.isBlank()) {
      throw new ToolException("\"" + name + "\" is blank. Give it some text.");
    }
    return Optional.of(text);
  }

  private static String required(ObjectNode arguments, String name) throws ToolException {
    return text(arguments, name)
        .orElseThrow(() -> new ToolException("\"" + name + "\" is missing."));
  }

  /** Tags, each once whatever its case, empty where the argument is absent. */
  private static Optional<List<String>> tags(ObjectNode arguments) throws ToolException {
    JsonNode value = arguments.get("tags");
    if (value == null) {
      return Optional.empty();
    }
    Map<String, String> byNormalForm = new LinkedHashMap<>();
    for (JsonNode tag : value) {
      String text = storable(tag.asString(), "tags").strip();
      if (text.isEmpty()) {
        throw new ToolException("A tag is blank. Leave it out.");
      }
      byNormalForm.putIfAbsent(IndexKeys.tag(text), text);
    }
    return Optional.of(new ArrayList<>(byNormalForm.values()));
  }

  private static UUID id(ObjectNode arguments) throws ToolException {
    return Arguments.uuid(arguments, "id", "a memory", "memory_search or memory_list");
  }

  /** PostgreSQL cannot store U+0000, nor UTF-8 half a surrogate pair. */
  private static String storable(String text, String name) throws ToolException {
    boolean bad =
        text.codePoints()
            .anyMatch(
                c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
    if (bad) {
      throw new ToolException(
          "\"" + name + "\" contains a character that is none (U+0000 or half a surrogate pair).");
    }
    return text;
  }

  /**
   * Where a list goes on: after this memory. It is bound to the list it came from by a checksum, so
   * that one that was changed or taken from elsewhere is noticed. That is a courtesy and no lock: a
   * list never contains another user's memories, whatever its cursor.
   */
  static final class Cursor {
    private static final int CHECKSUM_BYTES = 8;
    private static final int BYTES = 2 * Long.BYTES + CHECKSUM_BYTES;

    private Cursor() {}

    static String after(UUID id, String user, Collection<String> tags) {
      byte[] bytes =
          ByteBuffer.allocate(BYTES)
              .putLong(id.getMostSignificantBits())
              .putLong(id.getLeastSignificantBits())
              .put(checksum(id, user, tags))
              .array();
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Throws ToolException when it is not one of this list. */
    static UUID read(String cursor, String user, Collection<String> tags) throws ToolException {
      byte[] bytes;
      try {
        bytes = Base64.getUrlDecoder().decode(cursor);
      } catch (IllegalArgumentException e) {
        throw notOurs();
      }
      if (bytes.length != BYTES) {
        throw notOurs();
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      UUID id = new UUID(buffer.getLong(), buffer.getLong());
      byte[] checksum = new byte[CHECKSUM_BYTES];
      buffer.get(checksum);
      if (!MessageDigest.isEqual(checksum, checksum(id, user, tags))) {
        throw notOurs();
      }
      return id;
    }

    private static byte[] checksum(UUID id, String user, Collection<String> tags) {
      String list = id + "\n" + user + "\n" + tags.stream().map(IndexKeys::tag).sorted().toList();
      try {
        byte[] digest =
            MessageDigest.getInstance("SHA-256").digest(list.getBytes(StandardCharsets.UTF_8));
        return Arrays.copyOf(digest, CHECKSUM_BYTES);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("The JDK has no SHA-256", e);
      }
    }

    private static ToolException notOurs() {
      return new ToolException(
          "\"cursor\" is not one that this list gave. Leave it out to start again.");
    }
  }
}
