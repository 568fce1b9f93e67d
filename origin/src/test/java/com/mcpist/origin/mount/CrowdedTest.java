package com.mcpist.origin.mount;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.Requests;
import com.mcpist.origin.mount.client.MountedServer;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** A user's calls that have all places of a mounted server that the user may have. */
final class CrowdedTest {
  private static final int SHARE = MountedServer.MOST_CALLS / 2;

  private TestDatabase database;
  private MountedOrigin origin;
  private Path folder;
  private HttpClient hanging;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  CrowdedTest() {}

  @BeforeEach
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    database = TestDatabase.create();
    origin = MountedOrigin.start(database, "small", MountedOrigin.entry(folder, "{}"));
    // Until one answer is known to be small, the calls of a new user begin in turn.
    assertThat(origin.send(call("eve", "small_speak")).statusCode()).isEqualTo(200);
    hanging = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    HttpRequest hang = call("eve", "small_hang").build();
    for (int i = 0; i < SHARE; i++) {
      var _ = hanging.sendAsync(hang, HttpResponse.BodyHandlers.discarding());
    }
    Conditions.await("eve has her share", () -> acts("hung") == SHARE);
  }

  @AfterEach
  void stop() throws Exception {
    hanging.shutdownNow();
    hanging.close();
    origin.close();
    database.close();
  }

  private HttpRequest.Builder call(String user, String tool) {
    return origin.post(user, Requests.MODERN, Requests.call(Requests.MODERN, tool, "{}"));
  }

  private long acts(String what) throws Exception {
    Path acts = folder.resolve("acts");
    List<String> all = Files.exists(acts) ? Files.readAllLines(acts) : List.of();
    return all.stream().filter(what::equals).count();
  }

  /** The deadline is so soon that the call does not wait long for a place. */
  private HttpResponse<String> soon(HttpRequest.Builder call) throws Exception {
    long deadline = Instant.now().plusSeconds(3).toEpochMilli();
    return origin.send(call.setHeader("X-Deadline", Long.toString(deadline)));
  }

  @ParameterizedTest
  @CsvSource({"small_add, 1, none", "small_act, 1, none", "small_act, 2, possible"})
  void aFurtherCallIsRefusedAndRunsLater(String tool, String attempt, String effect)
      throws Exception {
    String id = UUID.randomUUID().toString();
    HttpRequest.Builder call =
        call("eve", tool).header("X-Call-Id", id).header("X-Attempt", attempt);

    HttpResponse<String> refused = soon(call);

    JsonNode error = MountedOrigin.messages(refused).getLast().path("error");
    assertThat(error.at("/data/code").asString()).isEqualTo("rate_limited");
    assertThat(error.at("/data/effect").asString()).isEqualTo(effect);
    assertThat(error.path("message").asString()).contains("small", "16 calls in flight");
    assertThat(acts("act")).isZero();

    hanging.shutdownNow();
    long deadline = Instant.now().plusSeconds(60).toEpochMilli();
    JsonNode later = origin.answer(call.setHeader("X-Deadline", Long.toString(deadline)));

    assertThat(later.at("/result/isError").asBoolean(false)).isFalse();
    assertThat(acts("act")).isEqualTo(tool.equals("small_act") ? 1 : 0);
  }

  @Test
  void anotherUserFindsAPlace() throws Exception {
    assertThat(MountedOrigin.text(origin.answer(call("ann", "small_add")))).isEqualTo("sum 1");
  }

  @Test
  void aRequestThatIsNoCallOfAToolIsRefusedToo() throws Exception {
    HttpRequest.Builder read =
        origin.post(
            "eve",
            Requests.MODERN,
            Requests.request(
                Requests.MODERN, "resources/read", "{\"uri\":\"small://things/one\"}"));

    JsonNode answer = MountedOrigin.messages(soon(read)).getLast();

    assertThat(answer.at("/error/data/code").asString()).isEqualTo("rate_limited");
  }
}
