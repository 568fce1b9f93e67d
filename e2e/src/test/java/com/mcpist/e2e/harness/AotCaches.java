package com.mcpist.e2e.harness;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.startup.AotCache;
import com.mcpist.testkit.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** The AOT caches that pairs of the tests make for the programs under test. */
public final class AotCaches {

  private static final Duration LIMIT = Duration.ofMinutes(5);

  private AotCaches() {}

  /** Waits until the pair that runs, or one before it, has made those of both programs. */
  public static void await() {
    Conditions.await("the AOT caches are made", LIMIT, AotCaches::exist);
  }

  /** Whether those of both programs are made. */
  public static boolean exist() {
    return Stream.of("origin", "edge").allMatch(name -> cache(Root.APP.resolve(name)).exists());
  }

  /** What a JVM is told to use that of a program, if there is one. */
  static Stream<String> flags(Path program) {
    return cache(program).flags().stream();
  }

  private static AotCache cache(Path program) {
    try {
      String name = String.valueOf(program.getFileName());
      return AotCache.of(Root.CACHE.resolve("mcpist"), name, program.toAbsolutePath());
    } catch (PairException e) {
      throw new IllegalStateException(e);
    }
  }
}
