package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** A machine that loses power in the middle of saving. */
class CrashIT {

  private static final int WRITERS = 8;
  private static final int ENOUGH = 300;

  // By id, what the client was told has been saved.
  private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

  @Test
  void everyAcknowledgedMemoryIsThereAfterKillOfEverything() throws Exception {
    try (Pair pair = Pair.up()) {
      List<Thread> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        String name = "writer " + i;
        writers.add(Thread.ofVirtual().start(() -> saveUntilTheEnd(pair.port(), name)));
      }
      Conditions.await("enough is saved", () -> acknowledged.size() >= ENOUGH);
      pair.killEverything();
      for (Thread writer : writers) {
        writer.join();
      }

      pair.start();
      try (McpConnection client = McpConnection.open(pair.port())) {
        for (Map.Entry<String, String> memory : acknowledged.entrySet()) {
          var found = client.call("memory_get", Map.of("id", memory.getKey())).structured();
          assertThat(found.findPath("title").asString()).isEqualTo(memory.getValue());
        }
        assertThat(
                client
                    .call("memory_save", Map.of("title", "after", "text", "t"))
                    .structured()
                    .findPath("id")
                    .asString())
            .isNotEmpty();
      }
      pair.down();
    }
  }

  private void saveUntilTheEnd(int port, String name) {
    try (McpConnection client = McpConnection.open(port)) {
      for (int number = 0; number < Integer.MAX_VALUE; number++) {
        String title = name + " number " + number;
        var saved = client.call("memory_save", Map.of("title", title, "text", "t")).structured();
        acknowledged.put(saved.findPath("id").asString(), title);
      }
    } catch (IOException | UncheckedIOException | AssertionError killed) {
      // The call that was cut off is the one whose outcome nobody was told.
    }
  }
}
