package com.mcpist.pair.supervisor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Assembles the stand-in of these test sources as a build assembles the real origin. */
final class Builds {
  private static final Path CLASSES = Path.of("target", "test-classes").toAbsolutePath();

  private Builds() {}

  /** A build that answers with its name. */
  static Path assemble(Path folder, String name) throws IOException {
    Path build = Files.createDirectories(folder.resolve(name));
    Files.writeString(build.resolve("build.txt"), name);
    try (OutputStream out = Files.newOutputStream(build.resolve("origin.jar"));
        JarOutputStream jar = new JarOutputStream(out);
        Stream<Path> files = Files.list(CLASSES.resolve("com/mcpist/origin"))) {
      for (Path file : files.sorted().toList()) {
        jar.putNextEntry(new JarEntry(CLASSES.relativize(file).toString()));
        Files.copy(file, jar);
      }
    }
    return build;
  }
}
