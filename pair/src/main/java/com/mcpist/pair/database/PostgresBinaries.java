package com.mcpist.pair.database;

import module java.base;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.InstalledCopy;
import com.mcpist.pair.data.PairException;
import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.util.LinuxUtils;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs: those of an installed copy, or of a build, unpacked once for each version.
 * The prefix begins each command.
 */
public record PostgresBinaries(Path home, List<String> prefix) {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresBinaries.class);

  public static PostgresBinaries find(Path cache) throws PairException {
    Optional<Path> installed = InstalledCopy.postgres();
    return installed.isPresent()
        ? new PostgresBinaries(installed.get(), commandPrefix())
        : unpack(cache);
  }

  private static PostgresBinaries unpack(Path cache) throws PairException {
    Path home = cache.resolve("postgres-" + checksum());
    if (!Files.isDirectory(home)) {
      DataFolder.createPrivate(cache);
      unpack(cache, home);
      // Unpacking took a hundred megabytes, which nobody needs again.
      System.gc();
    }
    return new PostgresBinaries(home, commandPrefix());
  }

  List<String> command(String program, String... arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(home.resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** A fast shutdown of the server on that folder: sessions end, the checkpoint is written. */
  List<String> stop(Path data) {
    return command("pg_ctl", "stop", "-D", data.toString(), "-m", "fast", "-W", "-s");
  }

  /** With no variable of the caller's that changes what PostgreSQL does. */
  static ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> !name.equals("PATH"));
    environment.put("LC_MESSAGES", "C");
    return builder;
  }

  /** Runs one of PostgreSQL's tools to its end; an IOException has its last line if it fails. */
  static void run(List<String> command, String input) throws IOException, InterruptedException {
    Process process = builder(command).start();
    try (OutputStream out = process.getOutputStream()) {
      out.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // It ended before it read all; its exit code tells.
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    LOG.debug("{} ended with {}: {}", command, code, output);
    if (code != 0) {
      throw new IOException(
          output
              .lines()
              .filter(line -> !line.isBlank())
              .reduce("it wrote nothing", (_, last) -> last.strip()));
    }
  }

  private static InputStream archive() throws IOException, PairException {
    boolean mac = System.getProperty("os.name").startsWith("Mac");
    String arch = System.getProperty("os.arch");
    try {
      return DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(
          mac ? "Darwin" : "Linux", arch.equals("amd64") ? "x86_64" : arch);
    } catch (IllegalStateException e) {
      throw new PairException(
          "this build has no PostgreSQL for this machine (%s): ".formatted(arch)
              + "set DATABASE_URL to a database of your own.",
          e);
    }
  }

  private static String checksum() throws PairException {
    CRC32 checksum = new CRC32();
    try (InputStream in = new CheckedInputStream(archive(), checksum)) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new PairException("PostgreSQL's archive cannot be read: " + e.getMessage(), e);
    }
    return HexFormat.of().toHexDigits((int) checksum.getValue());
  }

  /** Into a folder of its own first, then renamed: no half-unpacked folder is ever used. */
  private static void unpack(Path cache, Path home) throws PairException {
    try {
      Path unpacked = Files.createTempDirectory(cache, "unpacking-");
      try {
        extract(unpacked);
        Files.move(unpacked, home, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException | PairException e) {
        DataFolder.delete(unpacked);
        if (!Files.isDirectory(home)) { // Another process was faster; its folder is as good.
          throw e;
        }
      }
    } catch (IOException e) {
      throw new PairException("PostgreSQL cannot be unpacked in " + cache + ": " + e, e);
    }
  }

  private static void extract(Path folder) throws IOException, PairException {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(archive()))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = folder.resolve(entry.getName()).normalize();
        if (!target.startsWith(folder)) {
          throw new IOException("an entry outside of the folder: " + entry.getName());
        }
        Files.createDirectories(entry.isDirectory() ? target : target.resolveSibling("."));
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isFile()) {
          Files.copy(tar, target);
          if ((entry.getMode() & 0100) != 0) {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
          }
        } else if (!entry.isDirectory()) {
          throw new IOException("an entry of an unknown kind: " + entry.getName());
        }
      }
    }
  }

  /**
   * Each in a session of its own where the machine can, so that Ctrl-C in a terminal does not stop
   * the database before its users. And PostgreSQL refuses to run as root; in a user namespace of
   * its own it does not know.
   */
  private static List<String> commandPrefix() throws PairException {
    List<String> prefix = new ArrayList<>();
    if (isOnPath("setsid")) {
      prefix.add("setsid");
    }
    if (new com.sun.security.auth.module.UnixSystem().getUid() == 0) {
      if (!LinuxUtils.isUnshareAvailable()) {
        throw new PairException(
            "PostgreSQL does not run as root on this machine (no user namespaces): be another"
                + " user, or set DATABASE_URL.");
      }
      prefix.addAll(List.of("unshare", "-U"));
    }
    return prefix;
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .filter(folder -> !folder.isEmpty())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
