package com.mcpist.deploy.config;

import module java.base;

/** The message has a line for each mistake: file, line and column, what is wrong, the mend. */
public final class ConfigException extends RuntimeException {
  private final transient List<Mistake> mistakes;

  ConfigException(String file, String problem) {
    this(file, List.of(new Mistake(Place.FILE, problem)));
  }

  ConfigException(String file, List<Mistake> mistakes) {
    super(mistakes.stream().map(mistake -> mistake.line(file)).collect(Collectors.joining("\n")));
    this.mistakes = List.copyOf(mistakes);
  }

  public List<Mistake> mistakes() {
    return mistakes;
  }

  /** Counted from 1; line 0 where the whole file is meant. */
  public record Place(int line, int column) {
    static final Place FILE = new Place(0, 0);
  }

  public record Mistake(Place place, String problem) {
    private String line(String file) {
      return place.equals(Place.FILE)
          ? file + ": " + problem
          : file + ":" + place.line() + ":" + place.column() + ": " + problem;
    }
  }
}
