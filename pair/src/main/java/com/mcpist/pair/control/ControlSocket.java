package com.mcpist.pair.control;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.sun.security.auth.module.UnixSystem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where the supervisor of a data folder listens, and how lines of JSON pass there. The folder of
 * the socket is its owner's alone, which is all the authentication there is.
 */
public final class ControlSocket {
  /** Writes secrets out: nothing else may use it. */
  static final JsonMapper JSON =
      JsonMapper.builder().addMixIn(Secret.class, SecretAsText.class).build();

  /** A Unix socket's path is 104 bytes at most on macOS, 108 on Linux. */
  private static final int LONGEST_PATH = 100;

  private static final String NAME = "control.sock";

  private interface SecretAsText {
    @JsonCreator
    static Secret of(String value) {
      return Secret.of(value);
    }

    @JsonValue
    String reveal();
  }

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
            : "/tmp/mcpist-" + new UnixSystem().getUid() + "-" + hash(data);
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

  static boolean isPrivate(Path socket) {
    return DataFolder.isPrivate(folder(socket));
  }

  private static Path folder(Path socket) {
    return socket.resolveSibling("").toAbsolutePath().normalize();
  }

  static void write(SocketChannel channel, Object value) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(JSON.writeValueAsString(value) + "\n");
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  static BufferedReader lines(SocketChannel channel) {
    return new BufferedReader(
        new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
  }
}
