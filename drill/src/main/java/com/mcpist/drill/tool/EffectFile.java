package com.mcpist.drill.tool;

import module java.base;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file in which counting servers record their effects, one line of JSON for each. Several
 * processes append to it. What a process that was killed has appended stays.
 */
public record EffectFile(Path path) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /**
   * One effect of a tool.
   *
   * @param key the idempotency key of the call; empty: it came without one
   * @param at the size of the file, in bytes, right before this effect
   */
  public record Effect(Tool tool, String text, String key, long at) {}

  /** Appends effects, each by one write, which the system does not mix with others. */
  static final class Writer implements AutoCloseable {
    private final FileChannel channel;

    Writer(Path path) throws IOException {
      channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void append(Tool tool, String text, String key) throws IOException {
      String line =
          JSON.createObjectNode().put("tool", tool.label()).put("text", text).put("key", key)
              + "\n";
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
      if (channel.write(bytes) < bytes.limit()) {
        throw new IOException("an effect could be recorded only in part");
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Returns the size in bytes: all effects of later are at this place or behind it. */
  public long size() throws IOException {
    try {
      return Files.size(path);
    } catch (NoSuchFileException _) {
      return 0;
    }
  }

  /** Returns all effects, in the order in which they happened. */
  public List<Effect> read() throws IOException {
    List<Effect> effects = new ArrayList<>();
    if (Files.notExists(path)) {
      return effects;
    }
    long at = 0;
    for (String line : Files.readAllLines(path)) {
      effects.add(effect(line, at));
      at += line.getBytes(StandardCharsets.UTF_8).length + 1;
    }
    return effects;
  }

  private Effect effect(String line, long at) throws IOException {
    try {
      JsonNode json = JSON.readTree(line);
      return new Effect(
          Tool.of(json.path("tool").asString()).orElseThrow(),
          json.path("text").asString(),
          json.path("key").asString(),
          at);
    } catch (JacksonException | NoSuchElementException e) {
      throw new IOException(path + " has a line that is no effect, at byte " + at, e);
    }
  }
}
