package com.mcpist.origin.mount;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.OriginProcess;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.testkit.LargeServer;
import com.mcpist.testkit.LargeServer.Answer;
import com.mcpist.testkit.TestDatabase;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * A mounted server that answers with as much as it may, at an origin process with the flags that it
 * ships with: one answer gets through, and many at once end nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LargeAnswersTest {
  private static final int AT_ONCE = 20;

  private TestDatabase database;
  private OriginProcess origin;
  private String instance;
  private Path acts;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  LargeAnswersTest() {}

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    database = TestDatabase.create();
    acts = folder.resolve("acts");
    origin = OriginProcess.start(database, folder, Map.of("MOUNTS", LargeServer.mounts(acts)));
    instance = origin.instance();
  }

  @AfterAll
  void stop() throws Exception {
    origin.close();
    database.close();
  }

  private static String call(String tool, String arguments) {
    return ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":"
            + "{\"name\":\"%s\",\"arguments\":{%s}}}")
        .formatted(tool, arguments);
  }

  private CompletableFuture<HttpResponse<String>> call(String user, String tool, Answer kind) {
    return origin.post(user, call("large_" + tool, "\"kind\":\"" + kind + "\""));
  }

  /** Calls as many users, since one who has had large answers waits before the next one. */
  private List<CompletableFuture<HttpResponse<String>>> atOnce(String tool, Answer kind) {
    return IntStream.range(0, AT_ONCE)
        .mapToObj(i -> call("eve-%s-%s-%d".formatted(tool, kind, i), tool, kind))
        .toList();
  }

  static List<Answer> readable() {
    return Answer.readable();
  }

  @ParameterizedTest
  @MethodSource("readable")
  void oneGetsThrough(Answer kind) throws Exception {
    HttpResponse<String> response = call("ed-" + kind, "read", kind).get();

    assertThat(response.statusCode()).isEqualTo(200);
    JsonNode answer = MountedOrigin.messages(response).getLast();
    JsonNode sent = Definitions.json(kind.result());
    assertThat(answer.at("/result/structuredContent/large").toString())
        .hasSameSizeAs(sent.at("/structuredContent/large").toString());
    assertThat(origin.instance()).isEqualTo(instance);
  }

  @ParameterizedTest
  @EnumSource(
      value = Answer.class,
      names = {"TOO_MANY_NUMBERS", "TOO_DEEP"})
  void whatCannotBeReadIsAnAnswerThatSaysSo(Answer kind) throws Exception {
    String answer = call("ed-" + kind, "read", kind).get().body();

    assertThat(answer).contains("The server has answered", "more than 200,000 values");
  }

  @ParameterizedTest
  @EnumSource(Answer.class)
  void manyAtOnceEndNothing(Answer kind) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<Void> over = new CompletableFuture<>();
      Future<List<String>> others = threads.submit(() -> callUntil(over));
      var attack = atOnce("read", kind);
      try {
        for (var answer : attack) {
          assertThat(answer.join().statusCode()).isIn(200, 429, 503);
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
      String body =
          answers.size() % 2 == 0
              ? call("memory_search", "\"query\":\"x\"")
              : call("memory_save", "\"title\":\"t\",\"text\":\"x\"");
      answers.add(origin.post("ann", body).get().body());
    } while (!over.isDone());
    return answers;
  }

  @ParameterizedTest
  @EnumSource(
      value = Answer.class,
      names = {"TEXT", "TOO_MANY_NUMBERS"})
  void whoHasHadTooManyIsRefusedBeforeTheCallRuns(Answer kind) throws Exception {
    Files.deleteIfExists(acts);
    String mel = "mel-" + kind;
    for (int i = 0; i < 4; i++) {
      assertThat(call(mel, "read", kind).get().statusCode()).isEqualTo(200);
    }
    String act = call("large_act", "\"kind\":\"TEXT\"");
    Map<String, String> soon =
        Map.of("X-Deadline", Long.toString(Instant.now().plusSeconds(2).toEpochMilli()));

    HttpResponse<String> refused = origin.post(mel, soon, act).get();

    JsonNode error = MountedOrigin.messages(refused).getLast().path("error");
    assertThat(error.at("/data/code").asString()).isEqualTo("rate_limited");
    assertThat(error.path("message").asString()).contains("large", "too many large answers");
    assertThat(acts).doesNotExist();
    assertThat(call("ann", "read", Answer.SMALL).get().statusCode()).isEqualTo(200);
  }

  /** The last of them would wait for a minute, as long as many clients wait. */
  @Test
  void aCallWaitsForItsTurnForALimitedTime() throws Exception {
    Files.deleteIfExists(acts);

    var calls = IntStream.range(0, AT_ONCE).mapToObj(i -> call("zoe", "act", Answer.TEXT)).toList();

    int refused = 0;
    for (var answer : calls) {
      refused += answer.get().body().contains("too many large answers") ? 1 : 0;
    }
    assertThat(refused).isPositive();
    assertThat(Files.readAllLines(acts)).hasSize(AT_ONCE - refused);
  }

  @ParameterizedTest
  @EnumSource(
      value = Answer.class,
      names = {"TEXT_OF_A_MEBIBYTE", "TEXT", "NAMED_OBJECTS", "TOO_MANY_NUMBERS"})
  void whatActedManyTimesAtOnceIsKnown(Answer kind) throws Exception {
    Files.deleteIfExists(acts);

    var calls = atOnce("act", kind);

    for (var answer : calls) {
      assertThat(answer.get().statusCode()).isEqualTo(200);
      assertThat(answer.get().body())
          .doesNotContain("unknown")
          .containsAnyOf("\"large\":[\"xxx", "It was done. The result is larger", "has answered");
    }
    assertThat(Files.readAllLines(acts)).hasSize(AT_ONCE);
    assertThat(origin.instance()).isEqualTo(instance);
  }
}
