package com.mcpist.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Assembles the stand-ins of these test sources as a build assembles the real programs. */
final class StandInApp {
  private StandInApp() {}

  static Path assemble(Path folder) throws IOException {
    for (String program : new String[] {"origin", "edge"}) {
      Path jar = Files.createDirectories(folder.resolve(program)).resolve(program + ".jar");
      pack("com/mcpist/" + program, jar);
    }
    return folder;
  }

  private static void pack(String classes, Path jar) throws IOException {
    Path root = Path.of("target", "test-classes").toAbsolutePath();
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        Stream<Path> files = Files.walk(root.resolve(classes))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.putNextEntry(new JarEntry(root.relativize(file).toString()));
        Files.copy(file, entries);
      }
    }
  }
}
