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
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Asks a supervisor one thing. */
public final class ControlClient {
  private ControlClient() {}

  /**
   * Sends the request and waits for the reply.
   *
   * @param step told what the supervisor does meanwhile
   * @throws IOException where nobody listens
   * @throws PairException where the supervisor does not answer in time
   */
  public static Reply ask(
      Path socket, Request request, ObjectMapper json, Duration limit, Consumer<String> step)
      throws IOException, PairException, InterruptedException {
    if (!ControlSocket.isPrivate(socket)) {
      throw new IOException("no supervisor of ours listens at " + socket);
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      CompletableFuture<Reply> answer = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> exchange(channel, json, request, step, answer));
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new PairException(
          "the supervisor does not answer within " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException("the supervisor went away", e);
    }
  }

  private static void exchange(
      SocketChannel channel,
      ObjectMapper json,
      Request request,
      Consumer<String> step,
      CompletableFuture<Reply> answer) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(json.writeValueAsString(request) + "\n");
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode read = json.readTree(line);
        if (!read.has("step")) {
          answer.complete(json.treeToValue(read, Reply.class));
          return;
        }
        step.accept(read.path("step").asString());
      }
      throw new IOException("no answer");
    } catch (IOException | JacksonException e) {
      answer.completeExceptionally(e);
    }
  }
}
