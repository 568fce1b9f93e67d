package com.mcpist.pair.platform;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The images of the pair in a data folder: assembled origins, copied into {@code images/}, each in
 * a folder named by its digest. May be used by several processes at once.
 */
public final class LocalImages {
  /** The repository that all of them are in. */
  public static final ImageReference REPOSITORY = ImageReference.parse("localhost/mcpist-origin");

  private static final int KEPT = 5;
  private static final String UNFINISHED = ".new-";
  private static final Duration FORGOTTEN = Duration.ofHours(1);

  private final Path folder;

  /** Those of a data folder. */
  public LocalImages(Path data) {
    this.folder = data.resolve("images");
  }

  /**
   * What a folder's image is called, stored or not.
   *
   * @param origin an assembled origin
   * @throws PairException where it is none, or cannot be read
   */
  public static ImageReference reference(Path origin) throws PairException {
    try {
      if (FolderDigest.files(origin).keySet().stream().noneMatch(name -> name.endsWith(".jar"))) {
        throw new PairException(origin + " is no assembled origin: there is no jar in it");
      }
      return REPOSITORY.withDigest(FolderDigest.of(origin));
    } catch (IOException e) {
      throw new PairException("cannot read " + origin + ": " + reason(e), e);
    }
  }

  /**
   * Copies an assembled origin, whole or not at all. One that is there already is the newest again.
   *
   * @throws PairException where it is none, cannot be read, or there is no room
   */
  public ImageReference store(Path origin) throws PairException {
    reference(origin);
    Path copy = folder.resolve(UNFINISHED + UUID.randomUUID());
    try {
      DataFolder.createPrivate(folder);
      copy(origin, copy);
      ImageReference image = reference(copy); // What was copied, whatever happens to the original.
      Path place = place(image.digest().orElseThrow());
      if (!Files.isDirectory(place) || !image.equals(reference(place))) {
        DataFolder.delete(place);
        move(copy, place, image);
      }
      Files.setLastModifiedTime(place, FileTime.from(Instant.now()));
      return image;
    } catch (IOException e) {
      throw new PairException(
          "cannot store an image in " + folder + ": " + reason(e) + ". Nothing of it is kept.", e);
    } finally {
      discard(copy);
    }
  }

  /** Somebody else may have stored the same in this moment. */
  private static void move(Path copy, Path place, ImageReference image)
      throws IOException, PairException {
    try {
      Files.move(copy, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.isDirectory(place) || !image.equals(reference(place))) {
        throw e;
      }
    }
  }

  /** Whether it is one of the images that are stored here. */
  public boolean has(Path image) {
    return image.toAbsolutePath().normalize().startsWith(folder.toAbsolutePath().normalize());
  }

  private static void copy(Path origin, Path copy) throws IOException {
    for (Map.Entry<String, Path> file : FolderDigest.files(origin).entrySet()) {
      Path target = copy.resolve(file.getKey());
      Files.createDirectories(target.resolveSibling(""));
      Files.copy(file.getValue(), target);
    }
  }

  /**
   * Where an image is.
   *
   * @throws PairException where it is not stored, or is not what its name says
   */
  public Path folder(String digest) throws PairException {
    if (!ImageReference.isDigest(digest) || !Files.isDirectory(place(digest))) {
      throw new PairException("no image " + digest + " is stored in " + folder);
    }
    check(place(digest), digest);
    return place(digest);
  }

  /**
   * Checks that a folder is the image that it should be.
   *
   * @throws PairException where it is another one
   */
  public static void check(Path origin, String digest) throws PairException {
    String found = reference(origin).digest().orElseThrow();
    if (!found.equals(digest)) {
      throw new PairException(
          origin + " has been changed: it is not " + digest + " any more, but " + found);
    }
  }

  /**
   * Deletes those that nobody needs: all but the newest five and these.
   *
   * @param needed digests
   */
  public void prune(Set<String> needed) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    Instant forgotten = Instant.now().minus(FORGOTTEN);
    for (Path left : list(UNFINISHED)) {
      if (modified(left).isBefore(forgotten)) {
        DataFolder.delete(left);
      }
    }
    List<Path> needless =
        list("sha256-").stream()
            .sorted(Comparator.comparing(LocalImages::modified).reversed())
            .skip(KEPT)
            .filter(image -> needed.stream().noneMatch(digest -> image.equals(place(digest))))
            .toList();
    for (Path image : needless) {
      DataFolder.delete(image);
    }
  }

  private List<Path> list(String prefix) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private Path place(String digest) {
    return folder.resolve(digest.replace(':', '-'));
  }

  private static void discard(Path copy) {
    try {
      DataFolder.delete(copy);
    } catch (IOException _) {
      // It is nobody's, and deleted when images are looked through the next time.
    }
  }

  private static Instant modified(Path path) {
    try {
      return Files.getLastModifiedTime(path).toInstant();
    } catch (IOException _) {
      return Instant.MIN; // Deleted meanwhile.
    }
  }

  private static String reason(IOException e) {
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : String.valueOf(e.getMessage());
  }
}
