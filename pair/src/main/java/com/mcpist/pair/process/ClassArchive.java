package com.mcpist.pair.process;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * The archive of a program's classes, which the JVM makes as the program ends and uses from the
 * next start on (dynamic class data sharing). The CPU of a start is half then: 0.5 s instead of 0.9
 * s of an origin's, 0.6 s instead of 1.4 s of the edge's; making it takes 1.1 s once. Without it,
 * or with one that the JVM rejects, a program starts as ever.
 *
 * @param file where it is, or will be: of one build, since the JVM makes none anew for another
 */
public record ClassArchive(Path file) {
  /** Each has some 30 MB. */
  private static final int KEPT = 8;

  /**
   * The archive of a release.
   *
   * @param cache where what can be made again is
   * @param digest of the release's folder
   */
  public static ClassArchive of(Path cache, String digest) {
    return new ClassArchive(cache.resolve("classes").resolve(digest.replace(':', '-') + ".jsa"));
  }

  /**
   * What a JVM is told, so that it uses the archive, or makes it; nothing where none can be kept.
   */
  public List<String> flags() {
    try {
      prepare();
    } catch (IOException | PairException _) {
      return List.of();
    }
    return List.of(
        "-XX:+AutoCreateSharedArchive",
        "-XX:SharedArchiveFile=" + file,
        // Whatever is wrong with it is no matter of the program's log.
        "-Xlog:cds*=off",
        "-Xlog:aot*=off");
  }

  private void prepare() throws IOException, PairException {
    Path folder = file.resolveSibling("");
    DataFolder.createPrivate(folder);
    if (!Files.exists(file)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path old : DataFolder.allButNewest(KEPT - 1, files.toList())) {
          Files.deleteIfExists(old);
        }
      }
    } else if (isHalf()) {
      Files.deleteIfExists(file);
    } else {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now())); // It is used.
    }
  }

  /**
   * The head is written last. Where it is lacking the JVM neither uses the file nor makes it anew.
   */
  private boolean isHalf() throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.read() <= 0;
    }
  }
}
