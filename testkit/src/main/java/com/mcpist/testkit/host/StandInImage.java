package com.mcpist.testkit.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;

/**
 * The smallest image that an origin's can be stood in for by: perl and bash of this machine with
 * what they are linked to, a program that listens, and the health check of the real one.
 */
public final class StandInImage {
  private static final Pattern LIBRARY = Pattern.compile("(/\\S+)");
  private static final OciImage BASE = make();

  private StandInImage() {}

  /** What the program does. */
  public enum Mood {
    /** It is healthy. */
    WELL,
    /** It listens, and is never healthy. */
    SICK,
    /** It ends at once. */
    CRASH,
    /** It is healthy, and takes three seconds to stop. */
    SLOW
  }

  /** An image like no other, for a release of that name. */
  public static OciImage of(String release, Mood mood) {
    return BASE.with(
        config -> {
          ArrayNode env = config.putArray("Env");
          env.add("PATH=/usr/local/bin:/usr/bin:/bin");
          env.add("MADE_FOR=" + release);
          env.add("MOOD=" + mood.name().toLowerCase(java.util.Locale.ROOT));
          config.putArray("Entrypoint").add("/usr/bin/perl").add("/origin.pl");
          config.put("User", "10001:10001").put("StopSignal", "SIGTERM");
        });
  }

  private static OciImage make() {
    try {
      Path root = Files.createTempDirectory("mcpist-image");
      try {
        for (String program : List.of("/bin/bash", "/usr/bin/perl")) {
          copy(Path.of(program), root);
          var libraries =
              LIBRARY.matcher(Commands.succeed(Map.of(), List.of("ldd", program))).results();
          for (var library : libraries.toList()) {
            copy(Path.of(library.group(1)), root);
          }
        }
        Path check = Path.of(System.getProperty("mcpist.root"), "image/healthcheck");
        copy(check, root.resolve("usr/local/bin/healthcheck"), "rwxr-xr-x");
        Path shell = root.resolve("usr/local/libexec/unreadable/bash");
        copy(Path.of("/bin/bash"), shell, "rwxr-xr-x");
        try (InputStream program = StandInImage.class.getResourceAsStream("origin.pl")) {
          Files.copy(Objects.requireNonNull(program), root.resolve("origin.pl"));
        }
        // What the runtime mounts something on must be there: the file system is read-only.
        for (String folder : List.of("dev", "etc", "proc", "run", "sys", "tmp")) {
          Files.createDirectories(root.resolve(folder));
        }
        Path tar = root.resolveSibling(root.getFileName() + ".tar");
        Commands.succeed(
            Map.of(),
            List.of("tar", "-C", root.toString(), "--mode=a+rX", "-cf", tar.toString(), "."));
        byte[] layer = Files.readAllBytes(tar);
        Files.delete(tar);
        return OciImage.of(layer);
      } finally {
        Commands.succeed(Map.of(), List.of("rm", "-rf", root.toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path file, Path root) throws IOException {
    copy(file, root.resolve(file.toString().substring(1)), "rwxr-xr-x");
  }

  private static void copy(Path file, Path target, String mode) throws IOException {
    Files.createDirectories(target.resolveSibling(""));
    Files.copy(file.toRealPath(), target, StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(mode));
  }
}
