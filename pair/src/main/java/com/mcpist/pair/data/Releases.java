package com.mcpist.pair.data;

import module java.base;

import com.mcpist.deploy.secret.Secret;

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
    String digest = digest(program);
    Path copy = folder.resolve(UNFINISHED + UUID.randomUUID());
    try {
      // What is in the files is looked at before a release takes another's place.
      if (!Files.isDirectory(place(digest)) || !lengths(place(digest)).equals(lengths(program))) {
        DataFolder.createPrivate(folder);
        copy(program, copy);
        check(copy, digest); // What was copied, whatever happens to the original.
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

  private static Map<String, Long> lengths(Path program) throws IOException {
    Map<String, Long> lengths = new TreeMap<>();
    for (Map.Entry<String, Path> file : files(program).entrySet()) {
      lengths.put(file.getKey(), Files.size(file.getValue()));
    }
    return lengths;
  }

  private static void copy(Path program, Path copy) throws IOException {
    for (Map.Entry<String, Path> file : files(program).entrySet()) {
      Path target = copy.resolve(file.getKey());
      Files.createDirectories(target.resolveSibling(""));
      Files.copy(file.getValue(), target);
      Files.setLastModifiedTime(target, AGE);
    }
  }

  /** What somebody else has stored in this moment stays: it may be in use. */
  private static void move(Path copy, Path place) throws IOException {
    try {
      Files.move(copy, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.isDirectory(place)) {
        throw e;
      }
      if (!lengths(place).equals(lengths(copy))) {
        DataFolder.delete(place);
        Files.move(copy, place, StandardCopyOption.ATOMIC_MOVE);
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
    String found = digest(release);
    if (!found.equals(digest)) {
      throw new PairException(
          release + " has been changed: it is not " + digest + " any more, but " + found);
    }
  }

  /**
   * What a folder is: SHA-256 over its files in the order of their names, of each the name, a zero
   * byte, the length in eight bytes, and what it contains.
   */
  private static String digest(Path program) throws PairException {
    try {
      MessageDigest digest = Secret.sha256();
      OutputStream into = new DigestOutputStream(OutputStream.nullOutputStream(), digest);
      SortedMap<String, Path> files = files(program);
      if (files.keySet().stream().noneMatch(name -> name.endsWith(".jar"))) {
        throw new PairException(program + " is no assembled program: there is no jar in it");
      }
      for (Map.Entry<String, Path> file : files.entrySet()) {
        digest.update(file.getKey().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, Files.size(file.getValue())));
        Files.copy(file.getValue(), into);
      }
      return "sha256:" + HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new PairException("cannot read " + program + ": " + DataFolder.reason(e), e);
    }
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
