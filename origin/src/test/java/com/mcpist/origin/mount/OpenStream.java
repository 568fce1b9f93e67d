package com.mcpist.origin.mount;

import com.mcpist.origin.fixture.Definitions;
import com.mcpist.testkit.Conditions;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** An answer that comes as a stream, and the messages that come on it. */
final class OpenStream implements AutoCloseable {
  private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  OpenStream(HttpRequest request) throws Exception {
    var stream = client.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
    Thread.ofVirtual()
        .start(
            () ->
                new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))
                    .lines()
                    .filter(l -> l.startsWith("data: "))
                    .forEach(l -> messages.add(Definitions.json(l.substring(6)))));
  }

  JsonNode next() throws InterruptedException {
    JsonNode next = messages.poll(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS);
    return next == null ? Definitions.json("{\"nothing\":true}") : next;
  }

  /** Whether there is one that was not taken. */
  boolean has() {
    return !messages.isEmpty();
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
