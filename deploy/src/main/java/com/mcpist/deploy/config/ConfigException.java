package com.mcpist.deploy.config;

import java.util.List;
import java.util.stream.Collectors;

/**
 * mcpist.yml cannot be used. The message has a line for each mistake: file, line and column, what
 * is wrong, the mend.
 */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<Mistake> mistakes;

  /** One mistake in the whole file, or in reading it. */
  ConfigException(String file, String problem) {
    this(file, List.of(new Mistake(Place.FILE, problem)));
  }

  /**
   * @param mistakes one at least
   */
  ConfigException(String file, List<Mistake> mistakes) {
    super(mistakes.stream().map(mistake -> mistake.line(file)).collect(Collectors.joining("\n")));
    this.mistakes = List.copyOf(mistakes);
  }

  /** Each mistake, in the file's order. */
  public List<Mistake> mistakes() {
    return mistakes;
  }

  /**
   * Where something stands.
   *
   * @param line counted from 1; 0 where the whole file is meant
   * @param column counted from 1
   */
  public record Place(int line, int column) {
    static final Place FILE = new Place(0, 0);
  }

  /**
   * One mistake.
   *
   * @param problem what is wrong and how to mend it
   */
  public record Mistake(Place place, String problem) {
    private String line(String file) {
      return place.equals(Place.FILE)
          ? file + ": " + problem
          : file + ":" + place.line() + ":" + place.column() + ": " + problem;
    }
  }
}
