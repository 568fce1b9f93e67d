package com.mcpist.pair.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.Releases.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleasesTest {
  private static final int STORING = 4;

  private Path folder;
  private Releases releases;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  ReleasesTest() {}

  @BeforeEach
  void prepare(@TempDir Path temp) {
    folder = temp;
    releases = new Releases(temp.resolve("data"));
  }

  private Path origin(String content) throws IOException {
    Path origin = Files.createDirectories(folder.resolve("origin-" + content));
    Files.createDirectories(origin.resolve("more"));
    Files.writeString(origin.resolve("origin.jar"), content);
    Files.writeString(origin.resolve("jvm.options"), "-Xmx96m");
    Files.writeString(origin.resolve("more/notes.txt"), "n");
    return origin;
  }

  private List<String> stored() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("data/releases"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void whatIsStoredIsWhatWasGivenUnderItsDigest() throws Exception {
    Stored release = releases.store(origin("a"));

    assertThat(release.digest()).matches("sha256:[0-9a-f]{64}");
    assertThat(releases.folder(release.digest())).isEqualTo(release.folder());
    assertThat(release.folder().resolve("origin.jar")).hasContent("a");
    assertThat(release.folder().resolve("more/notes.txt")).hasContent("n");
    assertThat(stored()).containsExactly(release.digest().replace(':', '-'));
    assertThat(releases.store(origin("a"))).as("again").isEqualTo(release);
    assertThat(stored()).hasSize(1);
  }

  @Test
  void namesAndContentsMakeTheDigestAndNothingElse() throws Exception {
    Stored release = releases.store(origin("a"));
    Path jar = origin("a").resolve("origin.jar");
    Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    assertThat(releases.store(origin("a"))).isEqualTo(release);

    assertThat(releases.store(origin("b"))).isNotEqualTo(release);
    Path renamed = folder.resolve("origin-a");
    Files.move(renamed.resolve("jvm.options"), renamed.resolve("jvm.option"));
    assertThat(releases.store(renamed)).isNotEqualTo(release);
  }

  @Test
  void copiesAreAllOfOneAgeSoThatAnArchiveOfTheirClassesIsGoodForEach() throws Exception {
    Path first = releases.store(origin("a")).folder();
    Path second = new Releases(folder.resolve("other")).store(origin("a")).folder();
    assertThat(Files.getLastModifiedTime(second.resolve("origin.jar")))
        .isEqualTo(Files.getLastModifiedTime(first.resolve("origin.jar")))
        .isNotEqualTo(Files.getLastModifiedTime(origin("a").resolve("origin.jar")));
  }

  @Test
  void whatHasBeenChangedIsNotUsedAndStoredAnew() throws Exception {
    Stored release = releases.store(origin("a"));
    Files.writeString(release.folder().resolve("origin.jar"), "other");

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> releases.folder(release.digest()))
        .withMessageContaining("has been changed")
        .withMessageContaining(release.digest());
    releases.store(origin("a"));
    assertThat(releases.folder(release.digest()).resolve("origin.jar")).hasContent("a");
  }

  /** Each goes on with what it has stored. */
  @Test
  void whoStoreTheSameAtOnceDoNotTakeItFromEachOther() throws Exception {
    Path program = origin("a");
    for (int round = 0; round < 50; round++) {
      Releases shared = new Releases(folder.resolve("round-" + round));
      CyclicBarrier together = new CyclicBarrier(STORING);
      Callable<Path> storing =
          () -> {
            together.await();
            return shared.folder(shared.store(program).digest());
          };
      try (ExecutorService threads = Executors.newFixedThreadPool(STORING)) {
        for (Future<Path> used : threads.invokeAll(Collections.nCopies(STORING, storing))) {
          assertThat(used.get().resolve("origin.jar")).hasContent("a");
        }
      }
    }
  }

  @Test
  void whatIsNoAssembledProgramIsRefused() throws Exception {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    for (Path none : List.of(empty, folder.resolve("absent"))) {
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(() -> releases.store(none))
          .withMessageContaining(none.toString());
    }
    assertThat(folder.resolve("data/releases")).doesNotExist();
    for (String digest : List.of("sha256:" + "0".repeat(64), "../../x", "")) {
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(() -> releases.folder(digest))
          .withMessageContaining("no release");
    }
  }

  @Test
  void oneThatCannotBeStoredLeavesNothing() throws Exception {
    Path blocked = Files.createDirectories(folder.resolve("blocked"));
    Files.writeString(blocked.resolve("releases"), "a file");
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> new Releases(blocked).store(origin("a")))
        .withMessageContaining("releases");

    Path place = releases.store(origin("a")).folder();
    Files.delete(place.resolve("jvm.options"));
    assertThat(releases.store(origin("a")).folder().resolve("jvm.options"))
        .as("what is half there is replaced")
        .hasContent("-Xmx96m");
  }

  @Test
  void theNewestEightStayAndThoseThatAreNeeded() throws Exception {
    List<Stored> all = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      Stored release = releases.store(origin("v" + i));
      all.add(release);
      Files.setLastModifiedTime(release.folder(), FileTime.from(Instant.ofEpochSecond(1000 + i)));
    }
    Path forgotten = Files.createDirectories(folder.resolve("data/releases/.new-forgotten"));
    Files.setLastModifiedTime(forgotten, FileTime.from(Instant.EPOCH));
    Path unfinished = Files.createDirectories(folder.resolve("data/releases/.new-unfinished"));

    releases.prune(Set.of(all.get(1).digest()));

    assertThat(forgotten).doesNotExist();
    assertThat(unfinished).exists();
    for (int i = 0; i < all.size(); i++) {
      assertThat(Files.exists(all.get(i).folder())).as("version %d", i).isEqualTo(i == 1 || i >= 3);
    }
  }

  @Test
  void whereNoneIsStoredThereIsNothingToDelete() throws Exception {
    releases.prune(Set.of());
    assertThat(folder.resolve("data")).doesNotExist();
  }
}
