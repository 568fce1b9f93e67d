package com.mcpist.deploy.config;

import com.mcpist.deploy.config.ConfigException.Mistake;
import com.mcpist.deploy.config.ConfigException.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.snakeyaml.engine.v2.nodes.Node;

/** Collects what is wrong, so that all of it is shown at once. */
final class Mistakes {
  private final List<Mistake> found = new ArrayList<>();

  void add(Place place, String problem) {
    found.add(new Mistake(place, problem));
  }

  void throwIfAny(String file) throws ConfigException {
    if (!found.isEmpty()) {
      found.sort(
          Comparator.<Mistake>comparingInt(mistake -> mistake.place().line())
              .thenComparingInt(mistake -> mistake.place().column()));
      throw new ConfigException(file, found);
    }
  }

  static Place place(Node node) {
    return node.getStartMark()
        .map(mark -> new Place(mark.getLine() + 1, mark.getColumn() + 1))
        .orElse(Place.FILE);
  }
}
