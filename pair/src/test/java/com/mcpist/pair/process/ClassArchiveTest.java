package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.process.JvmProgram.ClassArchive;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which archives stay when builds come and go, and which are of no use. */
class ClassArchiveTest {
  private static final int BUILDS = 20;

  private Path cache;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  ClassArchiveTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) {
    cache = folder;
  }

  /** As the JVM makes it when a program ends. */
  private ClassArchive made(String digest, String content) throws Exception {
    ClassArchive archive = ClassArchive.of(cache, digest);
    assertThat(archive.flags()).contains("-XX:SharedArchiveFile=" + archive.file());
    Files.writeString(archive.file(), content);
    return archive;
  }

  @Test
  void whatIsStillUsedStaysAndOldBuildsGo() throws Exception {
    ClassArchive used = made("sha256:used", "an archive");
    List<ClassArchive> others = new ArrayList<>();
    for (int i = 0; i < BUILDS; i++) {
      others.add(made("sha256:" + i, "an archive"));
      Files.setLastModifiedTime(
          others.getLast().file(), FileTime.from(Instant.EPOCH.plusSeconds(i)));
      used.flags();
    }
    assertThat(used.file()).exists();
    assertThat(others).filteredOn(other -> Files.exists(other.file())).hasSizeBetween(5, 8);
    assertThat(others.getLast().file()).exists();
  }

  @Test
  void oneWhoseMakerWasKilledIsMadeAnew() throws Exception {
    ClassArchive half = made("sha256:half", "\0\0\0\0 the head is written last");
    half.flags();
    assertThat(half.file()).doesNotExist();
    ClassArchive whole = made("sha256:whole", "a head");
    whole.flags();
    assertThat(whole.file()).exists();
  }

  @Test
  void whereNoneCanBeKeptAProgramStartsWithout() throws Exception {
    Path file = Files.writeString(cache.resolve("classes"), "in the way");
    assertThat(ClassArchive.of(file.resolve("below"), "sha256:a").flags()).isEmpty();
  }
}
