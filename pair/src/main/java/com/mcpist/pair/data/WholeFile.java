package com.mcpist.pair.data;

import module java.base;

/** A file that only its owner may read, and that is there once it is whole. */
public final class WholeFile {
  private static final int BUFFER = 1 << 16;
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private WholeFile() {}

  @FunctionalInterface
  public interface Content<T, E extends Exception> {
    T write(OutputStream out) throws IOException, PairException, E;
  }

  /** Writes it beside its place, where a killed process leaves it, and puts it there. */
  public static <T, E extends Exception> T write(Path file, Content<T, E> content)
      throws PairException, E {
    Path target = file.toAbsolutePath();
    Path written = target.resolveSibling(target.getFileName() + ".partial");
    Set<OpenOption> options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(written, options, OWNER_ONLY)) {
      // Whoever had the lock may have renamed the file since it was opened here.
      if (channel.tryLock() == null || !Files.exists(written)) {
        throw new PairException("another command is writing " + file);
      }
      try {
        channel.truncate(0);
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        T value = content.write(out);
        out.flush();
        channel.force(true);
        Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(target.resolveSibling("").normalize())) {
          folder.force(true);
        }
        return value;
      } finally {
        Files.deleteIfExists(written);
      }
    } catch (IOException e) {
      throw new PairException("cannot write " + written + ": " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "there is no such folder";
      case AccessDeniedException _ -> "permission denied";
      default -> DataFolder.reason(e);
    };
  }
}
