package com.mcpist.pair.control;

import com.mcpist.pair.data.PairException;
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
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/** Asks a supervisor one thing. */
public final class ControlClient {
  private ControlClient() {}

  /**
   * Sends the request and waits for the reply.
   *
   * @throws IOException where nobody listens
   * @throws PairException where the supervisor does not answer in time
   */
  public static Reply ask(Path socket, Request request, ObjectMapper json, Duration limit)
      throws IOException, PairException, InterruptedException {
    if (!ControlSocket.isPrivate(socket)) {
      throw new IOException("no supervisor of ours listens at " + socket);
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      CompletableFuture<String> answer = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> exchange(channel, json.writeValueAsString(request), answer));
      return json.readValue(answer.get(limit.toMillis(), TimeUnit.MILLISECONDS), Reply.class);
    } catch (TimeoutException e) {
      throw new PairException(
          "the supervisor does not answer within " + limit.toSeconds() + " s", e);
    } catch (ExecutionException | JacksonException e) {
      throw new IOException("the supervisor went away", e);
    }
  }

  private static void exchange(
      SocketChannel channel, String request, CompletableFuture<String> answer) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(request + "\n");
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      String line =
          new BufferedReader(
                  new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8))
              .readLine();
      if (line == null) {
        throw new IOException("no answer");
      }
      answer.complete(line);
    } catch (IOException e) {
      answer.completeExceptionally(e);
    }
  }
}
