package com.mcpist.pair.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalImagesTest {
  private Path folder;
  private LocalImages images;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  LocalImagesTest() {}

  @BeforeEach
  void prepare(@TempDir Path temp) {
    folder = temp;
    images = new LocalImages(temp.resolve("data"));
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
    try (Stream<Path> files = Files.list(folder.resolve("data/images"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static String digest(ImageReference image) {
    return image.digest().orElseThrow();
  }

  @Test
  void whatIsStoredIsWhatWasGivenUnderItsDigest() throws Exception {
    ImageReference image = images.store(origin("a"));

    assertThat(image.toString()).matches("localhost/mcpist-origin@sha256:[0-9a-f]{64}");
    Path stored = images.folder(digest(image));
    assertThat(stored.resolve("origin.jar")).hasContent("a");
    assertThat(stored.resolve("more/notes.txt")).hasContent("n");
    assertThat(stored()).containsExactly("sha256-" + digest(image).substring("sha256:".length()));
    assertThat(LocalImages.reference(origin("a"))).isEqualTo(image);
    assertThat(images.store(origin("a"))).as("again").isEqualTo(image);
    assertThat(stored()).hasSize(1);
  }

  @Test
  void namesAndContentsMakeTheDigestAndNothingElse() throws Exception {
    ImageReference image = LocalImages.reference(origin("a"));
    Files.setLastModifiedTime(
        origin("a").resolve("origin.jar"), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    assertThat(LocalImages.reference(origin("a"))).isEqualTo(image);

    assertThat(LocalImages.reference(origin("b"))).isNotEqualTo(image);
    Path renamed = folder.resolve("origin-a");
    Files.move(renamed.resolve("jvm.options"), renamed.resolve("jvm.option"));
    assertThat(LocalImages.reference(renamed)).isNotEqualTo(image);
    assertThat(FolderDigest.files(renamed).keySet())
        .containsExactly("jvm.option", "more/notes.txt", "origin.jar");
  }

  @Test
  void whatHasBeenChangedIsNotUsedAndStoredAnew() throws Exception {
    ImageReference image = images.store(origin("a"));
    Files.writeString(images.folder(digest(image)).resolve("origin.jar"), "other");

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> images.folder(digest(image)))
        .withMessageContaining("has been changed")
        .withMessageContaining(digest(image));
    images.store(origin("a"));
    assertThat(images.folder(digest(image)).resolve("origin.jar")).hasContent("a");
  }

  @Test
  void whatIsNoAssembledOriginIsRefused() throws Exception {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    for (Path none : List.of(empty, folder.resolve("absent"))) {
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(() -> images.store(none))
          .withMessageContaining(none.toString());
    }
    assertThat(folder.resolve("data/images")).doesNotExist();
    for (String digest : List.of("sha256:" + "0".repeat(64), "../../x", "")) {
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(() -> images.folder(digest))
          .withMessageContaining("no image");
    }
  }

  @Test
  void oneThatCannotBeStoredLeavesNothing() throws Exception {
    Files.createDirectories(folder.resolve("data/images"));
    Path place =
        folder.resolve(
            "data/images/" + digest(LocalImages.reference(origin("a"))).replace(':', '-'));
    Files.createDirectories(place);
    Files.writeString(place.resolve("origin.jar"), "in the way");
    Path blocked = folder.resolve("blocked");
    Files.createDirectories(blocked);
    Files.writeString(blocked.resolve("images"), "a file");

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> new LocalImages(blocked).store(origin("a")))
        .withMessageContaining("images");
    assertThat(blocked).isDirectoryContaining("glob:**/images");
    assertThat(images.folder(digest(images.store(origin("a")))).resolve("origin.jar"))
        .as("what is half there is replaced")
        .hasContent("a");
  }

  @Test
  void theNewestFiveStayAndThoseThatAreNeeded() throws Exception {
    List<ImageReference> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      ImageReference image = images.store(origin("v" + i));
      all.add(image);
      Files.setLastModifiedTime(
          images.folder(digest(image)), FileTime.from(Instant.ofEpochSecond(1000 + i)));
    }
    Path forgotten = Files.createDirectories(folder.resolve("data/images/.new-forgotten"));
    Files.setLastModifiedTime(forgotten, FileTime.from(Instant.EPOCH));
    Path unfinished = Files.createDirectories(folder.resolve("data/images/.new-unfinished"));

    images.prune(Set.of(digest(all.get(1))));

    assertThat(forgotten).doesNotExist();
    assertThat(unfinished).exists();
    for (int i = 0; i < all.size(); i++) {
      String name = digest(all.get(i)).replace(':', '-');
      assertThat(stored().contains(name)).as("version %d", i).isEqualTo(i == 1 || i >= 3);
    }
  }

  @Test
  void whereNoneIsStoredThereIsNothingToDelete() throws Exception {
    images.prune(Set.of());
    assertThat(folder.resolve("data")).doesNotExist();
  }
}
