package com.mcpist.origin.alert;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this origin knows of the room that the database has: a folder on its disk, where that is on
 * this machine, and how many bytes it may have.
 */
public record DatabaseRoom(@Nullable Path folder, @Nullable Long limit) {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseRoom.class);
  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,6})(MiB|GiB)");

  /** The file system of a folder; in bytes. */
  record Disk(String folder, long free, long total) {}

  /**
   * A size as people write it, in bytes.
   *
   * @throws IllegalArgumentException it is not as {@code 500MiB} or {@code 8GiB}
   */
  public static long bytes(String size) {
    Matcher matcher = SIZE.matcher(size);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("must be a size, as 500MiB or 8GiB");
    }
    return Long.parseLong(matcher.group(1)) << (matcher.group(2).equals("GiB") ? 30 : 20);
  }

  /** Empty: it is elsewhere, or cannot be asked now. */
  Optional<Disk> disk() {
    if (folder == null) {
      return Optional.empty();
    }
    try {
      FileStore store = Files.getFileStore(folder);
      return Optional.of(
          new Disk(folder.toString(), store.getUsableSpace(), store.getTotalSpace()));
    } catch (IOException e) {
      LOG.debug("The room in {} is not known: {}", folder, e.toString());
      return Optional.empty();
    }
  }
}
