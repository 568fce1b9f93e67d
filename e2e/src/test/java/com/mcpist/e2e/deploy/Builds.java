package com.mcpist.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Other builds of the origin than the one that `up` runs. */
final class Builds {
  private static final Path ORIGIN = Root.APP.resolve("origin");
  private static final Path BAD = Root.PATH.resolve("e2e/src/test/bad-releases");

  private Builds() {}

  /** The same program, built once more: good, and another image. */
  static Path second(Path folder) throws IOException {
    copy(folder);
    Files.writeString(folder.resolve("BUILD"), "the second build\n");
    return folder;
  }

  /**
   * A release that does something wrong.
   *
   * @param fault the name of a folder of bad-releases: its classes take the place of the origin's
   */
  static Path bad(Path folder, String fault) throws IOException {
    copy(folder);
    Path classes = Files.createTempDirectory("mcpist-classes");
    compile(sources(fault), classes);
    Path jar = only(folder, "origin-");
    try (FileSystem inside = FileSystems.newFileSystem(jar)) {
      try (Stream<Path> all = Files.walk(classes)) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          Path place = inside.getPath(classes.relativize(file).toString());
          Files.copy(file, place, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return folder;
  }

  private static List<Path> sources(String fault) throws IOException {
    try (Stream<Path> all = Files.list(BAD.resolve(fault))) {
      return all.toList();
    }
  }

  private static void compile(List<Path> sources, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> jars = new ArrayList<>();
    try (Stream<Path> all = Files.list(ORIGIN)) {
      all.filter(file -> file.toString().endsWith(".jar")).forEach(jar -> jars.add(jar.toString()));
    }
    List<String> options =
        List.of("-d", classes.toString(), "-proc:none", "-cp", String.join(":", jars));
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
              .call();
      assertThat(compiled).as(said.toString()).isTrue();
    }
  }

  private static Path only(Path folder, String beginning) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> file.getFileName().toString().startsWith(beginning))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void copy(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> all = Files.list(ORIGIN)) {
      for (Path file : all.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
  }
}
