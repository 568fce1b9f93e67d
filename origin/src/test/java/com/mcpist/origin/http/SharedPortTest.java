package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.Requests;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Two processes of an origin on one port: the new one takes over, and nobody notices. */
@Needs(Need.LINUX)
class SharedPortTest {
  private static final String VERSION = "2025-11-25";
  private static final int CHANGES = 10;
  private static final int CLIENTS = 4;
  private static final Pattern NAME = Pattern.compile("\"name\":\"(instance-\\d+)\"");

  private static final String INITIALIZE =
      RawHttp.post(
          "/mcp",
          "Accept: application/json, text/event-stream\nX-User-Id: local\nX-Gateway-Secret: "
              + TestOrigin.SECRET,
          """
          {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
           "protocolVersion": "2025-11-25", "capabilities": {},
           "clientInfo": {"name": "client", "version": "1"}}}\
          """);

  private final Map<Integer, String> lastServed = new ConcurrentHashMap<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AtomicBoolean over = new AtomicBoolean();

  @Test
  void noConnectionIsRefusedOrResetWhileOneTakesOverFromAnother() throws Exception {
    TestOrigin current = TestOrigin.shared(0, "instance-0");
    int port = current.port();
    List<Thread> clients =
        IntStream.range(0, CLIENTS)
            .mapToObj(client -> Thread.ofPlatform().start(() -> callOn(port, client)))
            .toList();
    try {
      awaitAllServedBy("instance-0");
      for (int change = 1; change <= CHANGES; change++) {
        String name = "instance-" + change;
        CompletableFuture<HttpResponse<String>> call = callWaiting(current);
        TestOrigin next = TestOrigin.shared(port, name);
        hand(current, name);
        assertThat(call.get(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS).body())
            .contains("waited");
        current = next;
      }
    } finally {
      over.set(true);
      for (Thread client : clients) {
        client.join();
      }
      current.close();
    }
    assertThat(failures).isEmpty();
  }

  private static CompletableFuture<HttpResponse<String>> callWaiting(TestOrigin origin)
      throws InterruptedException {
    CompletableFuture<HttpResponse<String>> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                ObjectNode call = Requests.call(VERSION, "wait", "{}");
                answer.complete(origin.send(origin.post(VERSION, call)));
              } catch (IOException | InterruptedException e) {
                answer.completeExceptionally(e);
              }
            });
    assertThat(origin.module.waiting.poll(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS))
        .isNotNull();
    return answer;
  }

  /** The old one drains; its call in flight lets it end when all clients are with the new one. */
  private void hand(TestOrigin old, String next) throws Exception {
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(
            () -> old.server.drain(Conditions.LIMIT), task -> Thread.ofVirtual().start(task));
    awaitAllServedBy(next);
    assertThat(drained).isNotDone();
    old.module.go.release();
    assertThat(drained.get(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    old.close();
  }

  private void awaitAllServedBy(String instance) {
    lastServed.clear();
    Conditions.await(
        "all clients are served by " + instance + ", not " + failures,
        () ->
            lastServed.size() == CLIENTS
                && lastServed.values().stream().allMatch(instance::equals));
  }

  /** Half of the clients keep their connection for as long as they are allowed to. */
  private void callOn(int port, int client) {
    RawHttp kept = null;
    try {
      while (!over.get()) {
        if (kept == null) {
          kept = RawHttp.connect(port);
        }
        HttpMessage answer = kept.send(INITIALIZE).read();
        Matcher name = NAME.matcher(answer.text());
        if (answer.status() != 200 || !name.find()) {
          failures.add(answer.toString());
          return;
        }
        lastServed.put(client, name.group(1));
        if (client % 2 == 0 || answer.header("Connection").orElse("").equals("close")) {
          kept.close();
          kept = null;
        }
      }
    } catch (IOException | UncheckedIOException e) {
      failures.add(client + ": " + e);
    }
  }
}
