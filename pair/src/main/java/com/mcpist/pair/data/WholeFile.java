package com.mcpist.pair.data;

import module java.base;

/** A file that only its owner may read, and that is there once it is whole. */
public final class WholeFile {
  private static final int BUFFER = 1 << 16;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private WholeFile() {}

  @FunctionalInterface
  public interface Content<T, E extends Exception> {
    T write(OutputStream out) throws IOException, PairException, E;
  }

  /**
   * Writes the content into a new file in the same folder, and then renames that to the file's
   * name. The folder may be one that others may write, such as /tmp: so the new file has a name
   * that nobody knows beforehand, and must not exist. What has the file's own name is replaced, and
   * never opened. A process that is killed leaves the new file behind.
   *
   * @throws PairException if the file cannot be written
   */
  public static <T, E extends Exception> T write(Path file, Content<T, E> content)
      throws PairException, E {
    Path target = file.toAbsolutePath();
    Path written = target.resolveSibling(target.getFileName() + "." + unknown() + ".partial");
    Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(written, options, OWNER_ONLY)) {
      try {
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
      throw new PairException("cannot write " + file + ": " + reason(e), e);
    }
  }

  /** Returns 16 hexadecimal digits that nobody can guess. */
  private static String unknown() {
    byte[] bytes = new byte[8];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "there is no such folder";
      case AccessDeniedException _ -> "permission denied";
      default -> DataFolder.reason(e);
    };
  }
}
