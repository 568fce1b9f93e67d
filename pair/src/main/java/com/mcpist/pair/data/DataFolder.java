package com.mcpist.pair.data;

import module java.base;

import com.sun.security.auth.module.UnixSystem;
import org.apache.commons.io.IOUtils;
import org.apache.commons.io.file.PathUtils;

/** The folder of a pair's database and logs, locked while this is open: supervisors share none. */
public record DataFolder(Path path, FileChannel lock) implements AutoCloseable {
  /** What a new database and its first logs need, in bytes. */
  private static final long SPACE_NEEDED = 200L * 1024 * 1024;

  private static final int LOOKS = 5;
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final String LOCK = "lock";
  private static final String PAIR_FILE = "pair";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  /** Which supervisor works in a data folder, and where its pair answers; empty as it starts. */
  public record RunningPair(long pid, String url) {}

  /** Where the data is when nobody says: $XDG_DATA_HOME/mcpist, or ~/.local/share/mcpist. */
  public static Path standard(Map<String, String> environment) {
    return standard(environment, "XDG_DATA_HOME", ".local/share");
  }

  /**
   * Where what can be made again is: $XDG_CACHE_HOME/mcpist, or ~/.cache/mcpist. An installed copy
   * has it with the data, so that nothing else is left where the copy is removed.
   */
  public static Path cache(Map<String, String> environment) {
    return InstalledCopy.postgres().isPresent()
        ? standard(environment)
        : standard(environment, "XDG_CACHE_HOME", ".cache");
  }

  private static Path standard(Map<String, String> environment, String variable, String below) {
    // The XDG specification: a relative path there is invalid and to be ignored.
    return absolute(environment, variable)
        .or(() -> absolute(environment, "HOME").map(home -> home.resolve(below)))
        .orElseGet(() -> Path.of(System.getProperty("user.home")).resolve(below))
        .resolve("mcpist");
  }

  private static Optional<Path> absolute(Map<String, String> environment, String variable) {
    String text = environment.getOrDefault(variable, "");
    return text.startsWith("/") ? Optional.of(Path.of(text)) : Optional.empty();
  }

  /**
   * Creates the folder if it is absent, readable by its owner only, and locks it.
   *
   * @throws PairException if another user could change what is in the folder, if another process
   *     has it locked, or if it cannot be written
   */
  public static DataFolder open(Path path) throws PairException {
    createPrivate(path.toAbsolutePath());
    Path folder = real(path);
    FolderOwner.check(folder);
    FileChannel channel;
    try {
      channel = lockSoon(folder.resolve(LOCK)).orElseThrow(() -> new PairException(inUse(folder)));
    } catch (FileSystemException e) {
      throw unwritable(folder, e);
    } catch (IOException e) {
      throw new PairException("the data folder cannot be locked: " + e.getMessage(), e);
    }
    try {
      DataFolder data = new DataFolder(folder, channel);
      // At once: a reader must not take the number of the one before for this one's.
      data.write(new RunningPair(ProcessHandle.current().pid(), ""));
      createPrivate(data.logs());
      createPrivate(data.run());
      return data;
    } catch (PairException e) {
      IOUtils.closeQuietly(channel);
      throw e;
    }
  }

  /** By its one name, whatever links lead to it: by that its processes are known. */
  public static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException _) {
      Path absolute = path.toAbsolutePath().normalize();
      Path parent = absolute.getParent(); // It may be there when the folder is not yet.
      return parent == null ? absolute : real(parent).resolve(absolute.getFileName());
    }
  }

  public static boolean isInUse(Path folder) {
    if (!Files.isRegularFile(folder.resolve(LOCK))) {
      return false;
    }
    try {
      Optional<FileChannel> free = lock(folder.resolve(LOCK));
      free.ifPresent(IOUtils::closeQuietly);
      return free.isEmpty();
    } catch (IOException _) {
      return false;
    }
  }

  /** Who only looks whether a pair has it locks it too, for a moment. */
  private static Optional<FileChannel> lockSoon(Path file) throws IOException {
    Optional<FileChannel> channel = lock(file);
    for (int looks = 0; channel.isEmpty() && looks < LOOKS; looks++) {
      LockSupport.parkNanos(LOOK.toNanos());
      channel = lock(file);
    }
    return channel;
  }

  /** Locks a file until the channel is closed; empty where somebody else has it locked. */
  public static Optional<FileChannel> lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException _) {
      // This very process has it.
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    return locked ? Optional.of(channel) : Optional.empty();
  }

  private static String inUse(Path folder) {
    Optional<RunningPair> pair = runningPair(folder);
    return pair.isPresent() && !pair.get().url().isEmpty()
        ? "a pair is already running in %s, at %s (pid %s). `mcpist down` stops it."
            .formatted(folder, pair.get().url(), pair.get().pid())
        : folder
            + " is in use by another process"
            + pair.map(running -> " (pid " + running.pid() + ")").orElse("");
  }

  /** Refuses where a new database has no room. */
  public void checkSpace() throws PairException {
    try {
      long free = Files.getFileStore(path).getUsableSpace();
      if (free < SPACE_NEEDED) {
        throw new PairException(
            ("no room in %s: %s MB free, %s MB needed. Free some, or choose another folder with"
                    + " --data.")
                .formatted(path, free >> 20, SPACE_NEEDED >> 20));
      }
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  /** Creates a folder that only its owner may enter; one that exists stays as it is. */
  public static void createPrivate(Path folder) throws PairException {
    try {
      Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    } catch (FileAlreadyExistsException _) {
      throw new PairException(folder + " is a file: --data must be a folder");
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  public static boolean isPrivate(Path folder) {
    try {
      PosixFileAttributes attributes =
          Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      return attributes.isDirectory()
          && OWNER_ONLY.containsAll(attributes.permissions())
          && ((Number) owner).longValue() == new UnixSystem().getUid();
    } catch (IOException _) {
      return false;
    }
  }

  /** Deletes a folder and all that is in it; one that does not exist is no hindrance. */
  public static void delete(Path folder) throws IOException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      PathUtils.deleteDirectory(folder);
    }
  }

  public static List<Path> allButNewest(int kept, List<Path> paths) {
    return paths.stream()
        .sorted(Comparator.comparing(DataFolder::changed).reversed())
        .skip(kept)
        .toList();
  }

  static FileTime changed(Path path) {
    try {
      return Files.getLastModifiedTime(path);
    } catch (IOException _) {
      return FileTime.from(Instant.MIN); // Deleted meanwhile.
    }
  }

  private static PairException unwritable(Path folder, IOException e) {
    String reason =
        switch (e) {
          case AccessDeniedException _ -> "permission denied";
          case NoSuchFileException _ -> "it cannot be created there";
          default -> reason(e);
        };
    return new PairException(
        "cannot write to " + folder + ": " + reason + ". Choose another folder with --data.", e);
  }

  static String reason(IOException e) {
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : String.valueOf(e.getMessage());
  }

  public Path postgres() {
    return postgres(path);
  }

  public static Path postgres(Path data) {
    return data.resolve("postgres");
  }

  public Path releases() {
    return releases(path);
  }

  public static Path releases(Path data) {
    return data.resolve(Releases.FOLDER);
  }

  public Path logs() {
    return path.resolve("logs");
  }

  /** What exists only while the pair runs. */
  public Path run() {
    return run(path);
  }

  /** Where programs keep what they need while they run, in the data folder at this path. */
  public static Path run(Path data) {
    return real(data).resolve("run");
  }

  /** Who works there; it may be out of date when nobody has the folder locked. */
  public static Optional<RunningPair> runningPair(Path folder) {
    try {
      List<String> lines = Files.readAllLines(folder.resolve(PAIR_FILE));
      return lines.size() < 2
          ? Optional.empty()
          : Optional.of(new RunningPair(Long.parseLong(lines.get(0)), lines.get(1)));
    } catch (IOException | NumberFormatException _) {
      return Optional.empty();
    }
  }

  /** Writes who works there until this is closed, in one step: no reader sees half of it. */
  public void write(RunningPair pair) throws PairException {
    Path written = path.resolve(PAIR_FILE + ".new");
    try {
      Files.writeString(written, pair.pid() + "\n" + pair.url() + "\n");
      Files.move(written, path.resolve(PAIR_FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new PairException("cannot write to " + path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(path.resolve(PAIR_FILE));
    } catch (IOException _) {
      // Out of date is harmless: the lock tells.
    }
    IOUtils.closeQuietly(lock); // It ends with the process at the latest.
  }
}
