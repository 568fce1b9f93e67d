package com.mcpist.pair.control;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.sun.security.auth.module.UnixSystem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where the supervisor of a data folder listens, and how it is asked. The folder of the socket is
 * its owner's alone, which is all the authentication there is.
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

  /**
   * Sends the request and waits for the answer.
   *
   * @param type of what is asked for
   * @param step told what the supervisor does meanwhile
   * @throws IOException where nobody listens, or the answer breaks off
   * @throws PairException where the supervisor does not answer in time
   */
  public static <T> Answer<T> ask(
      Path socket, Request request, Class<T> type, Duration limit, Consumer<String> step)
      throws IOException, PairException, InterruptedException {
    if (!isPrivate(socket)) {
      throw new IOException("no supervisor of ours listens at " + socket);
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      FutureTask<Answer<T>> answer = new FutureTask<>(() -> exchange(channel, request, type, step));
      Thread.ofVirtual().start(answer);
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new PairException(
          "the supervisor does not answer within " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException("the supervisor went away", e);
    }
  }

  private static <T> Answer<T> exchange(
      SocketChannel channel, Request request, Class<T> type, Consumer<String> step)
      throws IOException {
    write(channel, request);
    BufferedReader lines = lines(channel);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode read = JSON.readTree(line);
      if (read.has("done")) {
        return new Answer.Done<>(JSON.treeToValue(read.path("done"), type));
      }
      JsonNode refused = read.path("refused");
      if (refused.isObject()) {
        return new Answer.Refused<>(
            JSON.treeToValue(refused.path("kind"), Kind.class),
            refused.path("problem").asString(""),
            refused.path("advice").asString(""));
      }
      step.accept(read.path("step").asString(""));
    }
    throw new IOException("no answer");
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
