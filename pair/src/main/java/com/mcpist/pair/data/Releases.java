package com.mcpist.pair.data;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A pair's assembled programs, each copied into a folder of {@code releases/} named by its digest.
 * Several processes may use it at once.
 */
public final class Releases {
  static final String FOLDER = "releases";
  private static final String PREFIX = "sha256-";
  private static final int KEPT = 8;
  private static final String UNFINISHED = ".new-";
  private static final Duration FORGOTTEN = Duration.ofHours(1);

  /** Of each file: an archive of classes is good for jars of that age only. */
  private static final FileTime AGE = FileTime.from(Instant.parse("2000-01-01T00:00:00Z"));

  private final Path folder;

  public Releases(Path data) {
    this.folder = data.resolve(FOLDER);
  }

  public record Stored(String digest, Path folder) {}

  /** Copies a program's jars, whole or not at all. One that is there is the newest again. */
  public Stored store(Path program) throws PairException {
    Path copy = folder.resolve(UNFINISHED + UUID.randomUUID());
    try {
      check(program);
      DataFolder.createPrivate(folder);
      Map<String, Long> lengths = lengths(program);
      // To read a new one twice would take half a second of a start.
      String digest = digest(program, isLikeOne(lengths) ? null : copy);
      // What is in the files is looked at before a release takes another's place.
      if (!Files.isDirectory(place(digest)) || !lengths(place(digest)).equals(lengths)) {
        digest = Files.isDirectory(copy) ? digest : digest(program, copy);
        DataFolder.delete(place(digest));
        move(copy, place(digest));
      }
      Files.setLastModifiedTime(place(digest), FileTime.from(Instant.now()));
      return new Stored(digest, place(digest));
    } catch (IOException e) {
      throw new PairException(
          "cannot store a release in %s: %s. Nothing of it is kept."
              .formatted(folder, DataFolder.reason(e)),
          e);
    } finally {
      try {
        DataFolder.delete(copy);
      } catch (IOException _) {
        // It is nobody's, and deleted when releases are looked through the next time.
      }
    }
  }

  private boolean isLikeOne(Map<String, Long> lengths) throws IOException {
    for (Path release : list(PREFIX)) {
      if (lengths(release).equals(lengths)) {
        return true;
      }
    }
    return false;
  }

  private static Map<String, Long> lengths(Path program) throws IOException {
    Map<String, Long> lengths = new TreeMap<>();
    for (Map.Entry<String, Path> file : files(program).entrySet()) {
      lengths.put(file.getKey(), Files.size(file.getValue()));
    }
    return lengths;
  }

  /** Somebody else may have stored the same in this moment. */
  private static void move(Path copy, Path place) throws IOException {
    try {
      Files.move(copy, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!lengths(place).equals(lengths(copy))) {
        throw e;
      }
    }
  }

  /** Where a release is; a PairException where it is not stored, or is not what its name says. */
  public Path folder(String digest) throws PairException {
    if (!digest.matches("sha256:[0-9a-f]{64}") || !Files.isDirectory(place(digest))) {
      throw new PairException("no release " + digest + " is stored in " + folder);
    }
    check(place(digest), digest);
    return place(digest);
  }

  private static void check(Path release, String digest) throws PairException {
    try {
      String found = digest(release, null);
      if (!found.equals(digest)) {
        throw new PairException(
            release + " has been changed: it is not " + digest + " any more, but " + found);
      }
    } catch (IOException e) {
      throw new PairException("cannot read " + release + ": " + DataFolder.reason(e), e);
    }
  }

  private static void check(Path program) throws PairException {
    try {
      if (files(program).keySet().stream().noneMatch(name -> name.endsWith(".jar"))) {
        throw new PairException(program + " is no assembled program: there is no jar in it");
      }
    } catch (IOException e) {
      throw new PairException("cannot read " + program + ": " + DataFolder.reason(e), e);
    }
  }

  /**
   * What a folder is: SHA-256 over its files in the order of their names, of each the name, a zero
   * byte, the length in eight bytes, and what it contains. With a copy: what that is, which this
   * makes.
   */
  private static String digest(Path program, @Nullable Path copy) throws IOException {
    MessageDigest digest = Secret.sha256();
    for (Map.Entry<String, Path> file : files(program).entrySet()) {
      long length = Files.size(file.getValue());
      digest.update(file.getKey().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, length));
      Path target = copy == null ? null : copy.resolve(file.getKey());
      try (OutputStream out = target == null ? OutputStream.nullOutputStream() : create(target)) {
        if (Files.copy(file.getValue(), new DigestOutputStream(out, digest)) != length) {
          throw new IOException(file.getValue() + " is being changed");
        }
      }
      if (target != null) {
        Files.setLastModifiedTime(target, AGE);
      }
    }
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }

  private static OutputStream create(Path file) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    return Files.newOutputStream(file);
  }

  private static SortedMap<String, Path> files(Path folder) throws IOException {
    SortedMap<String, Path> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(file).toString().replace('\\', '/'), file);
      }
    }
    return files;
  }

  /** Deletes those that nobody needs: all but the newest eight and those with these digests. */
  public void prune(Set<String> needed) throws IOException {
    FileTime forgotten = FileTime.from(Instant.now().minus(FORGOTTEN));
    for (Path left : list(UNFINISHED)) {
      if (DataFolder.changed(left).compareTo(forgotten) < 0) {
        DataFolder.delete(left);
      }
    }
    for (Path release : DataFolder.allButNewest(KEPT, list(PREFIX))) {
      if (needed.stream().noneMatch(digest -> release.equals(place(digest)))) {
        DataFolder.delete(release);
      }
    }
  }

  private List<Path> list(String prefix) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private Path place(String digest) {
    return folder.resolve(digest.replace(':', '-'));
  }
}
