package com.mcpist.origin.db;

import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** Where a class is from. */
public final class ClassPlace {
  private ClassPlace() {}

  /**
   * Its jar or folder. Not by its CodeSource, which says nothing where the JVM has the class from
   * an archive.
   */
  public static Path of(Class<?> type) {
    String file = type.getName().replace('.', '/') + ".class";
    URL found = Objects.requireNonNull(type.getClassLoader().getResource(file), file);
    String place = found.toString();
    place = place.substring(0, place.length() - file.length());
    return Path.of(
        URI.create(
            place.startsWith("jar:")
                ? place.substring("jar:".length(), place.length() - "!/".length())
                : place));
  }
}
