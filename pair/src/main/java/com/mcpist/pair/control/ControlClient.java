package com.mcpist.pair.control;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.pair.data.PairException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Asks a supervisor one thing. */
public final class ControlClient {
  private ControlClient() {}

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
    if (!ControlSocket.isPrivate(socket)) {
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
    ControlSocket.write(channel, request);
    BufferedReader lines = ControlSocket.lines(channel);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode read = ControlSocket.JSON.readTree(line);
      if (read.has("done")) {
        return new Answer.Done<>(ControlSocket.JSON.treeToValue(read.path("done"), type));
      }
      JsonNode refused = read.path("refused");
      if (refused.isObject()) {
        return new Answer.Refused<>(
            ControlSocket.JSON.treeToValue(refused.path("kind"), Kind.class),
            refused.path("problem").asString(""),
            refused.path("advice").asString(""));
      }
      step.accept(read.path("step").asString(""));
    }
    throw new IOException("no answer");
  }
}
