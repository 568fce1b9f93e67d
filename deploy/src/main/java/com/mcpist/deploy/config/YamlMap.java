package com.mcpist.deploy.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A mapping of the file, whose every value knows its line. */
final class YamlMap {

  /** A scalar as it is written, its place, and the name of its key, for messages. */
  record Scalar(String file, int line, String key, String text) {
    ConfigException wrong(String problem) {
      return new ConfigException(file, line, key + " " + problem);
    }
  }

  private final String file;
  private final int line;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();

  /**
   * @param keys the keys it may have; null: any
   */
  YamlMap(String file, Node node, String what, @Nullable Set<String> keys) throws ConfigException {
    this.file = file;
    this.line = line(node);
    if (!(node instanceof MappingNode mapping)) {
      throw new ConfigException(
          file,
          line,
          what + " must be a mapping of keys to values (key: value), not a " + of(node));
    }
    for (NodeTuple tuple : mapping.getValue()) {
      add(tuple, what, keys);
    }
  }

  private void add(NodeTuple tuple, String what, @Nullable Set<String> keys)
      throws ConfigException {
    Node keyNode = tuple.getKeyNode();
    if (!(keyNode instanceof ScalarNode scalar)) {
      throw new ConfigException(file, line(keyNode), "a key must be a plain word");
    }
    String key = scalar.getValue();
    if (keys != null && !keys.contains(key)) {
      throw new ConfigException(
          file,
          line(keyNode),
          "unknown key \""
              + key
              + "\" in "
              + what
              + ". Known keys: "
              + String.join(", ", keys)
              + "."
              + Spelling.hint(key, keys));
    }
    Integer earlier = lines.put(key, line(keyNode));
    if (earlier != null) {
      throw new ConfigException(
          file,
          line(keyNode),
          "\"" + key + "\" is given twice; the first is in line " + earlier + ". Keep one.");
    }
    values.put(key, tuple.getValueNode());
  }

  int line() {
    return line;
  }

  int lineOf(String key) {
    return lines.getOrDefault(key, line);
  }

  Set<String> keys() {
    return values.keySet();
  }

  Optional<Node> node(String key) {
    return Optional.ofNullable(values.get(key)).filter(node -> !isNull(node));
  }

  /** A scalar, as it is written; empty when the key is absent. */
  Optional<Scalar> scalar(String key) throws ConfigException {
    Node node = values.get(key);
    if (node == null) {
      return Optional.empty();
    }
    if (!(node instanceof ScalarNode scalar) || isNull(node)) {
      throw new ConfigException(
          file,
          lineOf(key),
          key + " must be a single value, not " + (isNull(node) ? "empty" : "a " + of(node)));
    }
    return Optional.of(new Scalar(file, line(node), key, scalar.getValue()));
  }

  /** The elements of a list; empty when the key is absent. */
  List<Node> list(String key) throws ConfigException {
    Node node = values.get(key);
    if (node == null) {
      return List.of();
    }
    if (!(node instanceof SequenceNode sequence)) {
      throw new ConfigException(
          file, lineOf(key), key + " must be a list (lines that start with a hyphen)");
    }
    return new ArrayList<>(sequence.getValue());
  }

  private static boolean isNull(Node node) {
    return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
  }

  static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  private static String of(Node node) {
    return switch (node) {
      case MappingNode _ -> "mapping";
      case SequenceNode _ -> "list";
      default -> "single value";
    };
  }
}
