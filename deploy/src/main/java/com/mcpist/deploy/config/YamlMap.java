package com.mcpist.deploy.config;

import com.mcpist.deploy.config.ConfigException.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A mapping of the file. What is wrong with it goes to the mistakes, and reading goes on as if the
 * wrong part were absent.
 */
final class YamlMap {

  /** From a value as it is written. */
  interface Reader<T> {
    T read(String text) throws WrongValueException;
  }

  private final Mistakes mistakes;
  private final Place place;
  private final boolean mapping;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Place> places = new LinkedHashMap<>();

  /**
   * @param what how messages call it, as {@code an origin}
   * @param keys the keys it may have; null: any
   */
  YamlMap(Mistakes mistakes, Node node, String what, @Nullable Set<String> keys) {
    this.mistakes = mistakes;
    this.place = Mistakes.place(node);
    this.mapping = node instanceof MappingNode;
    if (node instanceof MappingNode map) {
      map.getValue().forEach(tuple -> add(tuple, what, keys));
    } else {
      mistakes.add(
          place, what + " must be a mapping of keys to values (key: value), not a " + kind(node));
    }
  }

  private void add(NodeTuple tuple, String what, @Nullable Set<String> keys) {
    Place at = Mistakes.place(tuple.getKeyNode());
    if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) {
      mistakes.add(at, "a key must be a plain word");
      return;
    }
    String key = scalar.getValue();
    if (keys != null && !keys.contains(key)) {
      mistakes.add(
          at,
          "unknown key \"%s\" in %s. Known keys: %s.%s"
              .formatted(key, what, String.join(", ", keys), Spelling.hint(key, keys)));
      return;
    }
    Place earlier = places.putIfAbsent(key, at);
    if (earlier != null) {
      mistakes.add(
          at,
          "\"%s\" is given twice; the first is in line %d. Keep one."
              .formatted(key, earlier.line()));
      return;
    }
    values.put(key, tuple.getValueNode());
  }

  /** Whether it is one at all. */
  boolean isMapping() {
    return mapping;
  }

  Place place() {
    return place;
  }

  /** Where a key stands; where the mapping begins, when it has no such key. */
  Place placeOf(String key) {
    return places.getOrDefault(key, place);
  }

  Set<String> keys() {
    return values.keySet();
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** A mistake in a key's value. */
  void wrong(String key, String problem) {
    mistakes.add(placeOf(key), key + " " + problem);
  }

  /** A value; empty when the key is absent or the value is wrong. */
  <T> Optional<T> read(String key, Reader<T> reader) {
    return scalar(key, values.get(key)).flatMap(scalar -> read(key, scalar, reader));
  }

  private Optional<ScalarNode> scalar(String key, @Nullable Node node) {
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof ScalarNode scalar && !isNull(node)) {
      return Optional.of(scalar);
    }
    mistakes.add(
        placeOf(key),
        key + " must be a single value, not " + (isNull(node) ? "empty" : "a " + kind(node)));
    return Optional.empty();
  }

  private <T> Optional<T> read(String key, ScalarNode scalar, Reader<T> reader) {
    try {
      return Optional.of(reader.read(scalar.getValue()));
    } catch (WrongValueException e) {
      mistakes.add(Mistakes.place(scalar), key + " " + e.getMessage());
      return Optional.empty();
    }
  }

  /** A mapping below a key; empty when the key is absent or has no value. */
  Optional<YamlMap> map(String key, @Nullable Set<String> keys) {
    return Optional.ofNullable(values.get(key))
        .filter(node -> !isNull(node))
        .map(node -> new YamlMap(mistakes, node, key, keys));
  }

  /**
   * A mapping or a word below a key; empty when the key is absent, has no value, or a wrong one.
   */
  <T> Optional<T> either(
      String key, Set<String> keys, Function<YamlMap, T> mapping, Reader<T> word) {
    Node node = values.get(key);
    if (node == null || isNull(node)) {
      return Optional.empty();
    }
    return node instanceof MappingNode ? map(key, keys).map(mapping) : read(key, word);
  }

  boolean isList(String key) {
    return values.get(key) instanceof SequenceNode;
  }

  /** The elements of a list; empty when the key is absent. */
  List<Node> list(String key) {
    Node node = values.get(key);
    if (node instanceof SequenceNode sequence) {
      return List.copyOf(sequence.getValue());
    }
    if (node != null) {
      wrong(key, "must be a list (lines that start with a hyphen)");
    }
    return List.of();
  }

  /** The elements of a list of single values; wrong ones are left out. */
  <T> List<T> values(String key, Reader<T> reader) {
    List<T> read = new ArrayList<>();
    for (Node node : list(key)) {
      scalar(key, node).flatMap(scalar -> read(key, scalar, reader)).ifPresent(read::add);
    }
    return read;
  }

  private static boolean isNull(Node node) {
    return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
  }

  private static String kind(Node node) {
    return switch (node) {
      case MappingNode _ -> "mapping";
      case SequenceNode _ -> "list";
      default -> "single value";
    };
  }
}
