package com.mcpist.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.TestDatabase;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A user sends what takes far more memory than its text, many times at once, to an origin process
 * with the flags that it ships with: it lives, and another user's calls go on.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MemoryTest {
  private static final int LARGEST = 4 * 1024 * 1024;

  private TestDatabase database;
  private OriginProcess origin;
  private String instance;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  MemoryTest() {}

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    database = TestDatabase.create();
    origin = OriginProcess.start(database, folder, Map.of());
    instance = origin.instance();
  }

  @AfterAll
  void stop() throws Exception {
    origin.close();
    database.close();
  }

  private static String call(String id, String method, String params, String meta) {
    return "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"%s\",\"params\":{%s\"_meta\":{%s}}}"
        .formatted(id, method, params.isEmpty() ? "" : params + ",", meta);
  }

  private static String tool(String arguments, String meta) {
    String search = "\"name\":\"memory_search\",\"arguments\":{\"query\":\"x\"";
    return call("1", "tools/call", search + arguments + "}", meta);
  }

  private static String list(int count, IntFunction<String> element) {
    return IntStream.range(0, count).mapToObj(element).collect(Collectors.joining(","));
  }

  private static String batch(int count, String message) {
    return "[" + list(count, i -> message) + "]";
  }

  /** What is sent, and how often at once. */
  static List<Arguments> attacks() {
    String objects = "[" + list(48_000, i -> "{\"a\":0}") + "]";
    String pad = "\"pad\":" + objects;
    String nested = "[" + list(3_000, i -> "[".repeat(30) + "]".repeat(30)) + "]";
    String keys = list(60_000, i -> "\"k" + i + "\":0");
    String empty = "[" + list(90_000, i -> "[]") + "]";
    String text = "x".repeat(LARGEST - 500);
    String wide = "x".repeat(LARGEST - 500) + "字";
    return List.of(
        Arguments.of("objects in _meta", 20, tool("", pad)),
        Arguments.of("objects in arguments", 20, tool("," + pad, "")),
        Arguments.of("objects in params", 20, call("1", "tools/list", pad, "")),
        Arguments.of("objects for tags", 20, tool(",\"tags\":" + objects, "")),
        Arguments.of("batches of 5", 12, batch(5, tool("", pad))),
        Arguments.of("batches of 10", 30, batch(10, tool("", pad))),
        Arguments.of(
            "batches of 5 with less", 30, batch(5, tool("," + pad.substring(0, 60_005) + "]", ""))),
        Arguments.of("arrays in arrays", 20, tool(",\"pad\":" + nested, "")),
        Arguments.of("too deep", 20, tool(",\"pad\":" + "[".repeat(LARGEST / 2), "")),
        Arguments.of("empty arrays", 20, tool(",\"pad\":" + empty, "")),
        Arguments.of("many keys", 20, tool("," + keys, "")),
        Arguments.of("many keys in _meta", 20, tool("", keys)),
        Arguments.of(
            "many arguments", 20, call("1", "prompts/get", "\"arguments\":{" + keys + "}", "")),
        Arguments.of("a long id", 20, call("\"" + text + "\"", "ping", "", "")),
        Arguments.of("a long token", 20, tool("", "\"progressToken\":\"" + text + "\"")),
        Arguments.of(
            "a long cursor", 20, call("1", "tools/list", "\"cursor\":\"" + wide + "\"", "")),
        Arguments.of("a long URI", 20, call("1", "resources/read", "\"uri\":\"" + text + "\"", "")),
        Arguments.of("a long argument", 20, tool(",\"pad\":\"" + wide + "\"", "")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void othersGoOn(String name, int atOnce, String body) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<Void> over = new CompletableFuture<>();
      Future<List<String>> others = threads.submit(() -> callUntil(over));
      List<CompletableFuture<HttpResponse<String>>> attack =
          IntStream.range(0, atOnce).mapToObj(i -> origin.post("eve", body)).toList();
      try {
        for (var answer : attack) {
          assertThat(answer.join().statusCode()).isIn(200, 400, 413, 429, 503);
        }
      } finally {
        over.complete(null);
      }
      assertThat(others.get()).isNotEmpty().allMatch(a -> a.contains("\"isError\":false"));
    }
    assertThat(origin.instance()).isEqualTo(instance);
  }

  /** Another user's calls, one after the other: their answers. */
  private List<String> callUntil(CompletableFuture<Void> over) throws Exception {
    List<String> answers = new ArrayList<>();
    do {
      String save = "\"name\":\"memory_save\",\"arguments\":{\"title\":\"t\",\"text\":\"x\"}";
      String body = answers.size() % 2 == 0 ? tool("", "") : call("1", "tools/call", save, "");
      answers.add(origin.post("ann", body).get().body());
    } while (!over.isDone());
    return answers;
  }

  @Test
  void aNameIsForgottenWithItsRequest() throws Exception {
    for (int i = 0; i < 40; i++) {
      int number = i;
      String names = list(80, n -> "\"" + number + "-" + n + "x".repeat(48_000) + "\":0");
      origin.post("eve", tool("", names)).get();
    }
    assertThat(origin.instance()).isEqualTo(instance);
  }
}
