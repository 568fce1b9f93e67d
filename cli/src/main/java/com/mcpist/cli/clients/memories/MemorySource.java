package com.mcpist.cli.clients.memories;

import module java.base;

import com.mcpist.cli.console.Failure;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A file or folder with memories, recognised by what is in it. */
public interface MemorySource {
  /** Has each memory taken, as the admin path wants it; a Failure says where what is wrong. */
  void read(Sink sink) throws IOException, Failure, InterruptedException;

  @FunctionalInterface
  interface Sink {
    /** Takes a memory, with the place that it is from. */
    void take(String place, ObjectNode memory) throws Failure, InterruptedException;
  }

  static MemorySource of(Path path) throws IOException, Failure {
    if (Files.isDirectory(path) || path.toString().matches("(?i).*\\.(md|markdown)")) {
      return new MarkdownFiles(path);
    }
    if (!Files.isRegularFile(path)) {
      throw Failure.usage("there is no file or folder " + path);
    }
    try (Stream<String> lines = Files.lines(path)) {
      Optional<String> first = lines.filter(line -> !line.isBlank()).findFirst();
      JsonNode json =
          first.isEmpty() ? JsonLines.EXAMPLE : JsonMapper.shared().readTree(first.get());
      if (json.path("type").asString("").matches("entity|relation")) {
        return new KnowledgeGraph(path);
      }
      if (json.path("title").isString() && json.path("text").isString()) {
        return new JsonLines(path);
      }
    } catch (JacksonException | UncheckedIOException _) {
      // Said below.
    }
    throw Failure.usage(
        path
            + " must be JSON Lines of `mcpist users export` or of the official memory server,"
            + " Markdown (.md), or a folder of that");
  }

  /** Each line that is not blank, as an object. */
  static void lines(Path path, Sink sink) throws IOException, Failure, InterruptedException {
    try (BufferedReader lines = Files.newBufferedReader(path)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          String place = path + " line " + number;
          sink.take(place, object(line, place));
        }
      }
    } catch (CharacterCodingException _) {
      throw Failure.failed(path + " is not UTF-8");
    }
  }

  private static ObjectNode object(String line, String place) throws Failure {
    try {
      if (JsonMapper.shared().readTree(line) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException _) {
      // Said below.
    }
    throw Failure.failed(place + " is no JSON object");
  }

  /** What `mcpist users export` writes: a memory a line. */
  record JsonLines(Path path) implements MemorySource {
    static final ObjectNode EXAMPLE =
        JsonMapper.shared().createObjectNode().put("title", "").put("text", "");
    private static final List<String> FIELDS =
        List.of("id", "title", "text", "tags", "createdAt", "updatedAt");

    @Override
    public void read(Sink sink) throws IOException, Failure, InterruptedException {
      lines(
          path,
          (place, memory) -> {
            if (!memory.path("title").isString() || !memory.path("text").isString()) {
              throw Failure.failed(place + " has no title or no text");
            }
            if (!memory.path("tags").isArray()) {
              memory.putArray("tags");
            }
            sink.take(place, memory.retain(FIELDS));
          });
    }
  }
}
