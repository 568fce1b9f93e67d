package com.mcpist.testkit;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a module's fuzz targets begin with, and what they have found: src/test/fuzz has a folder for
 * each target, named as its class, and in it a file for each input.
 */
public final class FuzzCorpus {
  private static final String METHOD = "fuzzerTestOneInput";

  private FuzzCorpus() {}

  /** The inputs of all targets of a module, each as FOLDER/FILE. */
  public static Stream<String> inputs(String module) throws IOException {
    Path corpus = folder(module);
    try (Stream<Path> files = Files.walk(corpus)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> corpus.relativize(file).toString())
          .sorted()
          .toList()
          .stream();
    }
  }

  /**
   * Gives a target one of its inputs.
   *
   * @throws Throwable what the target throws, as it does where one of its properties does not hold
   */
  public static void run(String module, String input) throws Throwable {
    Class<?> target = Class.forName(input.substring(0, input.indexOf('/')));
    MethodHandle method =
        MethodHandles.publicLookup()
            .findStatic(target, METHOD, MethodType.methodType(void.class, byte[].class));
    method.invoke(Files.readAllBytes(folder(module).resolve(input)));
  }

  private static Path folder(String module) {
    return Path.of(System.getProperty("mcpist.root"), module, "src", "test", "fuzz");
  }
}
