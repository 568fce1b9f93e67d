package com.mcpist.pair.control;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/**
 * Where the supervisor of a data folder listens. The folder of the socket is its owner's alone,
 * which is all the authentication there is.
 */
public final class ControlSocket {
  /** A Unix socket's path is 104 bytes at most on macOS, 108 on Linux. */
  private static final int LONGEST_PATH = 100;

  private static final String NAME = "control.sock";

  private ControlSocket() {}

  /** The socket's path: in the data folder, or, where that is too long, in a folder for sockets. */
  public static Path of(Path data, Map<String, String> environment) {
    Path near = data.resolve("run").resolve(NAME);
    if (near.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH) {
      return near;
    }
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    String folder =
        runtime.startsWith("/") && runtime.length() < 60
            ? runtime + "/mcpist-" + hash(data)
            : "/tmp/mcpist-"
                + new com.sun.security.auth.module.UnixSystem().getUid()
                + "-"
                + hash(data);
    return Path.of(folder, NAME);
  }

  private static String hash(Path data) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(data.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Creates the socket's folder where it is absent.
   *
   * @throws PairException where somebody else could reach into it
   */
  static void createFolder(Path socket) throws PairException {
    Path folder = folder(socket);
    DataFolder.createPrivate(folder);
    if (!isPrivate(socket)) {
      throw new PairException(
          folder + " must be a folder that only you can enter (chmod 700): remove it.");
    }
  }

  /** Whether the socket's folder is ours and nobody else may enter it. */
  static boolean isPrivate(Path socket) {
    try {
      PosixFileAttributes folder =
          Files.readAttributes(
              folder(socket), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      long owner =
          ((Number) Files.getAttribute(folder(socket), "unix:uid", LinkOption.NOFOLLOW_LINKS))
              .longValue();
      Set<PosixFilePermission> allowed = PosixFilePermissions.fromString("rwx------");
      return folder.isDirectory()
          && allowed.containsAll(folder.permissions())
          && owner == new com.sun.security.auth.module.UnixSystem().getUid();
    } catch (IOException _) {
      return false;
    }
  }

  static Path folder(Path socket) {
    return socket.resolveSibling("").toAbsolutePath().normalize();
  }
}
