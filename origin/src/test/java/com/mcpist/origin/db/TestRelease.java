package com.mcpist.origin.db;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Objects;
import java.util.stream.Stream;

/** Another release, which has this one's migrations with some changes. */
final class TestRelease {
  private final Path root;
  private final Path folder;

  /** The same as this one, in an empty folder. */
  TestRelease(Path root) throws IOException {
    this.root = root;
    this.folder = Files.createDirectories(root.resolve("db/migration"));
    try (Stream<Path> files = Files.list(own())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
  }

  /** Where this release's are. */
  static Path own() {
    try {
      return Path.of(
          Objects.requireNonNull(TestRelease.class.getResource("/db/migration"), "migrations")
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** With a new file, or another text in one. */
  TestRelease with(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
    return this;
  }

  /** Without a file. */
  TestRelease without(String name) throws IOException {
    Files.delete(folder.resolve(name));
    return this;
  }

  /** With this in place of that in a file. */
  TestRelease with(String name, String that, String replacement) throws IOException {
    String text = Files.readString(folder.resolve(name));
    if (!text.contains(that)) {
      throw new IllegalArgumentException(name + " does not have " + that);
    }
    return with(name, text.replace(that, replacement));
  }

  Migrations files() throws IOException {
    return Migrations.of(loader(root.toUri().toURL()));
  }

  /** What this process has, but for the migrations, which are in this folder or jar. */
  static ClassLoader loader(URL migrations) {
    return new URLClassLoader(new URL[] {migrations}, TestRelease.class.getClassLoader()) {
      @Override
      public URL getResource(String name) {
        return name.startsWith("db/migration") ? findResource(name) : super.getResource(name);
      }

      @Override
      public Enumeration<URL> getResources(String name) throws IOException {
        return name.startsWith("db/migration") ? findResources(name) : super.getResources(name);
      }
    };
  }
}
