package com.mcpist.pair.startup;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The AOT cache of one program (JEP 514): its classes loaded and linked in advance. With it an
 * origin starts with less than half of the CPU, which is what a restart waits for on a busy
 * machine. Without it, or with one that the JVM rejects, the program starts as ever.
 *
 * @param file where it is, or will be; the name tells program, build and JVM apart
 */
public record AotCache(Path file) {
  /** Of each program, those that were used last: each has some 50 MB. */
  private static final int KEPT = 4;

  private static final String SUFFIX = ".aot";

  /**
   * The cache of a program.
   *
   * @param cache where what can be made again is
   * @param program origin or edge, whichever build of it
   * @param build the folder of that build's jars and jvm.options
   * @throws PairException where that folder cannot be read
   */
  public static AotCache of(Path cache, String program, Path build) throws PairException {
    return new AotCache(cache.resolve("aot").resolve(program + "-" + key(build) + SUFFIX));
  }

  /** Whether it has been made. */
  public boolean exists() {
    return Files.isRegularFile(file);
  }

  /**
   * What a JVM is told so that it uses the cache: nothing while there is none. It counts as used
   * now.
   */
  public List<String> flags() {
    if (!exists()) {
      return List.of();
    }
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException _) {
      // In somebody else's folder it is not this program that deletes it.
    }
    return List.of("-XX:AOTCache=" + file);
  }

  /** What a JVM is told so that it makes one as it ends. */
  List<String> trainingFlags() {
    return List.of("-XX:AOTCacheOutput=" + unfinished());
  }

  /** Locked by whoever trains; its folder is made where it is absent. */
  Path lockFile() throws PairException {
    DataFolder.createPrivate(folder());
    return folder().resolve("training.lock");
  }

  /**
   * Takes what a training has made as the cache, whole or not at all, and forgets those of the same
   * program that were not used for long: of a program that is deployed often there are many, which
   * must not push out that of one which never changes.
   */
  void accept() throws IOException {
    Files.move(unfinished(), file, StandardCopyOption.ATOMIC_MOVE);
    String program = program(file);
    try (Stream<Path> files = Files.list(folder())) {
      for (Path old :
          files
              .filter(found -> found.toString().endsWith(SUFFIX) && program(found).equals(program))
              .sorted(Comparator.comparing(AotCache::modified).reversed())
              .skip(KEPT)
              .toList()) {
        Files.deleteIfExists(old);
      }
    }
  }

  /** Deletes what a training has begun. */
  void discard() throws IOException {
    Files.deleteIfExists(unfinished());
    Files.deleteIfExists(Path.of(unfinished() + ".config"));
  }

  private Path folder() {
    return file.resolveSibling("");
  }

  /** The name without build and JVM. */
  private static String program(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(0, Math.max(0, name.lastIndexOf('-')));
  }

  private Path unfinished() {
    return Path.of(file + ".new");
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException _) {
      return FileTime.from(Instant.MIN); // Deleted meanwhile.
    }
  }

  /** The JVM accepts a cache for the same jars, in the same place, and the same JVM only. */
  private static String key(Path build) throws PairException {
    StringBuilder known = new StringBuilder();
    known.append(System.getProperty("java.home")).append(Runtime.version()).append('\n');
    try (Stream<Path> files = Files.list(build.toAbsolutePath())) {
      for (Path jar : files.sorted().toList()) {
        known.append(jar).append(' ').append(Files.size(jar)).append(' ');
        known.append(Files.getLastModifiedTime(jar).toMillis()).append('\n');
      }
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(known.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (IOException e) {
      throw new PairException("cannot read " + build + ": " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
