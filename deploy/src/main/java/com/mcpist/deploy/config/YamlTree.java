package com.mcpist.deploy.config;

import module java.base;

import com.mcpist.deploy.config.ConfigException.Mistake;
import com.mcpist.deploy.config.ConfigException.Place;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A file as a JSON tree that knows where each part stands, and collects what is wrong. */
final class YamlTree {
  // Other numbers are kept as texts, so that 0123 and 1e3 stay what they are as names.
  private static final Pattern WHOLE_NUMBER = Pattern.compile("0|[1-9][0-9]{0,9}");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .build();

  private final String file;
  private final Map<String, Place> keys = new HashMap<>();
  private final Map<String, Place> values = new HashMap<>();
  private final List<Mistake> mistakes = new ArrayList<>();
  private final JsonNode root;

  YamlTree(String file, String text) {
    this.file = file;
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setMaxAliasesForCollections(10).build();
    try {
      YamlDepth.check(settings, text);
      // A file of comments is one where every key has its default.
      this.root =
          new Compose(settings)
              .composeString(text)
              .map(node -> read(node, JsonPointer.empty()))
              .orElseGet(JSON::objectNode);
    } catch (MarkedYamlEngineException e) {
      String problem = "is not YAML: " + e.getProblem();
      throw new ConfigException(file, List.of(new Mistake(place(e.getProblemMark()), problem)));
    } catch (YamlEngineException e) {
      throw new ConfigException(file, "is not YAML: " + e.getMessage());
    }
  }

  private YamlTree(String file, JsonParser parser, JsonNode root) {
    this.file = file;
    this.root = root;
    while (parser.nextToken() != null) {
      String at = parser.streamReadContext().pathAsPointer().toString();
      boolean key = parser.currentToken() == JsonToken.PROPERTY_NAME;
      (key ? keys : values).putIfAbsent(at, place(parser.currentTokenLocation()));
    }
  }

  /** Of a file that is JSON and nothing more. */
  static YamlTree ofJson(String file, String text) {
    try (JsonParser parser = STRICT.createParser(text)) {
      JsonNode root = STRICT.readTree(text);
      if (root.isMissingNode()) {
        throw new ConfigException(file, "is empty");
      }
      return new YamlTree(file, parser, root);
    } catch (JacksonException e) {
      Place place = e.getLocation() == null ? Place.FILE : place(e.getLocation());
      String problem = "is not JSON: " + e.getOriginalMessage();
      throw new ConfigException(file, List.of(new Mistake(place, problem)));
    }
  }

  private static Place place(TokenStreamLocation at) {
    return new Place(at.getLineNr(), at.getColumnNr());
  }

  private JsonNode read(Node node, JsonPointer at) {
    values.put(at.toString(), place(node));
    if (node.isRecursive()) {
      mistakes.add(new Mistake(place(node), "a value must not contain itself"));
      return JSON.nullNode();
    }
    return switch (node) {
      case MappingNode mapping -> mapping(mapping, at);
      case SequenceNode sequence -> {
        ArrayNode array = JSON.arrayNode();
        sequence.getValue().forEach(item -> array.add(read(item, at.appendIndex(array.size()))));
        yield array;
      }
      case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> JSON.nullNode();
      case ScalarNode scalar when scalar.isPlain() -> scalar(scalar.getValue());
      case ScalarNode scalar -> JSON.stringNode(scalar.getValue());
      default -> throw new YamlEngineException("an alias to nothing");
    };
  }

  private ObjectNode mapping(MappingNode mapping, JsonPointer at) {
    ObjectNode object = JSON.objectNode();
    for (NodeTuple tuple : mapping.getValue()) {
      Place place = place(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) {
        mistakes.add(new Mistake(place, "a key must be a plain word"));
        continue;
      }
      String key = scalar.getValue();
      JsonPointer below = at.appendProperty(key);
      Place earlier = keys.putIfAbsent(below.toString(), place);
      if (earlier == null) {
        object.set(key, read(tuple.getValueNode(), below));
      } else {
        String first = "the first is in line " + earlier.line();
        mistakes.add(
            new Mistake(place, "\"" + key + "\" is given twice; " + first + ". Keep one."));
      }
    }
    return object;
  }

  private static JsonNode scalar(String text) {
    return switch (text) {
      case "true", "false" -> JSON.booleanNode(text.equals("true"));
      case String _ when WHOLE_NUMBER.matcher(text).matches() ->
          JSON.numberNode(Long.parseLong(text));
      default -> JSON.stringNode(text);
    };
  }

  private static Place place(Node node) {
    return place(node.getStartMark());
  }

  private static Place place(Optional<Mark> mark) {
    return mark.map(it -> new Place(it.getLine() + 1, it.getColumn() + 1)).orElse(Place.FILE);
  }

  JsonNode root() {
    return root;
  }

  boolean has(String pointer) {
    return keys.containsKey(pointer);
  }

  /** Where a key stands, or an element of a list. */
  Place keyPlace(String pointer) {
    return keys.getOrDefault(pointer, valuePlace(pointer));
  }

  Place valuePlace(String pointer) {
    return values.getOrDefault(pointer, Place.FILE);
  }

  void wrong(Place place, String problem) {
    mistakes.add(new Mistake(place, problem));
  }

  void throwIfWrong() {
    if (!mistakes.isEmpty()) {
      mistakes.sort(
          Comparator.<Mistake>comparingInt(mistake -> mistake.place().line())
              .thenComparingInt(mistake -> mistake.place().column()));
      throw new ConfigException(file, mistakes);
    }
  }
}
