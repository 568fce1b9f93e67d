package com.mcpist.pair.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which caches stay when builds come and go. */
class AotCacheTest {
  private static final int BUILDS = 12;

  @TempDir private Path folder;
  private Duration age = Duration.ofDays(1);

  // JUnit sets the folder before anything else.
  @SuppressWarnings("NullAway.Init")
  AotCacheTest() {}

  @Test
  void whatIsStillUsedStaysAndOldBuildsGo() throws Exception {
    AotCache edge = made("edge", "only");
    AotCache first = made("origin", "first");
    List<AotCache> later = new ArrayList<>();
    for (int i = 0; i < BUILDS; i++) {
      assertThat(first.flags()).containsExactly("-XX:AOTCache=" + first.file());
      later.add(made("origin", "build " + i));
    }

    assertThat(edge.exists()).as("another program's").isTrue();
    assertThat(first.exists()).as("that of the build that programs are started from").isTrue();
    assertThat(later.getFirst().exists()).isFalse();
    assertThat(later.getFirst().flags()).isEmpty();
    assertThat(later.getLast().exists()).isTrue();
    assertThat(later).filteredOn(AotCache::exists).hasSizeLessThan(BUILDS / 2);
  }

  /** Each a little younger than the one before, and none as young as one that is used now. */
  private AotCache made(String program, String build) throws Exception {
    Path jars = Files.createDirectories(folder.resolve(build).resolve(program));
    Files.writeString(jars.resolve("program.jar"), build);
    AotCache cache = AotCache.of(folder.resolve("cache"), program, jars);
    var _ = cache.lockFile();
    train(cache);
    cache.accept();
    return cache;
  }

  private void train(AotCache cache) throws IOException {
    String output = cache.trainingFlags().getFirst();
    Path file = Path.of(output.substring(output.indexOf('=') + 1));
    Files.writeString(file, "a cache");
    age = age.minusMinutes(1);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }
}
