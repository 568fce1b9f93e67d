package com.mcpist.e2e.harness;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.process.JvmProgram.ClassArchive;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The archives of classes that pairs of the tests make of the programs under test. */
public final class ClassArchives {

  private ClassArchives() {}

  /** Sees to it that there are those of both programs. */
  public static void make() throws IOException {
    if (!Stream.of("origin", "edge").allMatch(name -> Files.exists(archive(stored(name)).file()))) {
      try (Pair pair = Pair.up()) {
        pair.awaitSettled();
        pair.down();
      }
    }
  }

  /** A program as a pair runs it: each copy is as old as any other, as an archive wants it. */
  static synchronized Releases.Stored stored(String program) {
    try (FileChannel channel =
            FileChannel.open(
                Files.createDirectories(Root.CACHE).resolve("programs.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) { // Of two that delete the same, one would fail.
      Releases copies = new Releases(Root.CACHE.resolve("programs"));
      copies.prune(Set.of());
      return copies.store(Root.APP.resolve(program));
    } catch (PairException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a JVM is told to use the archive of a program, if there is one; it makes none. */
  static List<String> flags(Releases.Stored program) {
    ClassArchive archive = archive(program);
    return Files.exists(archive.file()) ? archive.flags() : List.of();
  }

  private static ClassArchive archive(Releases.Stored program) {
    return ClassArchive.of(Root.CACHE.resolve("mcpist"), program.digest());
  }
}
