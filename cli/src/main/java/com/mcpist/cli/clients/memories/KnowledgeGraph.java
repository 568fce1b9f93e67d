package com.mcpist.cli.clients.memories;

import module java.base;

import com.mcpist.cli.console.Failure;
import tools.jackson.databind.JsonNode;

/**
 * The file of the official memory server (@modelcontextprotocol/server-memory), which has all of it
 * in its memory too. An entity becomes a memory, and its relations are lines of its text.
 */
record KnowledgeGraph(Path path) implements MemorySource {
  private record Entity(Set<String> types, Set<String> lines) {
    Entity() {
      this(new LinkedHashSet<>(), new LinkedHashSet<>());
    }
  }

  @Override
  public void read(Sink sink) throws IOException, Failure, InterruptedException {
    Map<String, Entity> entities = new LinkedHashMap<>();
    MemorySource.lines(
        path,
        (place, line) -> {
          switch (line.path("type").asString("")) {
            case "entity" -> {
              Entity entity = of(entities, text(line, "name", place));
              entity.types().add(line.path("entityType").asString(""));
              for (JsonNode observation : line.path("observations")) {
                entity.lines().add(observation.asString(""));
              }
            }
            case "relation" -> {
              String from = text(line, "from", place);
              String relation =
                  from + " " + text(line, "relationType", place) + " " + text(line, "to", place);
              of(entities, from).lines().add(relation);
            }
            default -> throw Failure.failed(place + " is no entity and no relation");
          }
        });
    for (Map.Entry<String, Entity> entity : entities.entrySet()) {
      String name = entity.getKey();
      entity.getValue().lines().removeIf(String::isBlank);
      String text = String.join("\n", entity.getValue().lines());
      Texts.take(
          sink,
          path + " " + name,
          name,
          text.isEmpty() ? name : text,
          List.copyOf(entity.getValue().types()),
          null);
    }
  }

  private static Entity of(Map<String, Entity> entities, String name) {
    return entities.computeIfAbsent(name, _ -> new Entity());
  }

  private static String text(JsonNode line, String field, String place) throws Failure {
    String text = line.path(field).asString("");
    if (text.isBlank()) {
      throw Failure.failed(place + " has no " + field);
    }
    return text;
  }
}
