package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.testkit.Conditions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** An origin that stops answers what it has taken on, and says beforehand that it stops. */
class DrainTest {
  private static final String VERSION = "2025-11-25";
  private TestOrigin origin;

  @BeforeEach
  void start() {
    origin = new TestOrigin();
  }

  @AfterEach
  void stop() {
    origin.close();
  }

  private CompletableFuture<HttpResponse<String>> callWaiting() throws InterruptedException {
    CompletableFuture<HttpResponse<String>> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return origin.send(origin.post(VERSION, Requests.call(VERSION, "wait", "{}")));
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            task -> Thread.ofVirtual().start(task));
    assertThat(origin.module.waiting.poll(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS))
        .isNotNull();
    return answer;
  }

  private CompletableFuture<Boolean> drain(Duration limit) {
    return CompletableFuture.supplyAsync(
        () -> origin.server.drain(limit), task -> Thread.ofVirtual().start(task));
  }

  @Test
  void callsInFlightAreAnsweredAndNewOnesTooUntilTheLastIs() throws Exception {
    CompletableFuture<HttpResponse<String>> first = callWaiting();
    CompletableFuture<Boolean> drained = drain(Conditions.LIMIT);
    Conditions.await("health says so", () -> origin.send(origin.to("/health")).statusCode() == 503);
    HttpResponse<String> late =
        origin.send(origin.post(VERSION, Requests.call(VERSION, "echo", "{}")));
    assertThat(late.statusCode()).isEqualTo(200);
    assertThat(late.headers().firstValue("Connection")).contains("close");
    assertThat(drained).isNotDone();
    origin.module.go.release();
    assertThat(drained.get(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(first.get(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS).body()).contains("waited");
  }

  @Test
  void whatTakesLongerThanTheLimitIsCutAndItsClientTold() throws Exception {
    CompletableFuture<HttpResponse<String>> cut = callWaiting();
    assertThat(drain(Duration.ofMillis(300)).get(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS))
        .isFalse();
    HttpResponse<String> told = cut.get(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(told.statusCode()).as("another origin is asked").isEqualTo(503);
  }

  @Test
  void theHeartbeatTellsTheInstanceTheDatabaseAndTheDraining() throws Exception {
    HttpResponse<InputStream> stream = origin.open(origin.to("/heartbeat"));
    assertThat(stream.headers().firstValue("Content-Type")).contains("text/event-stream");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      JsonNode first = tick(lines);
      assertThat(first)
          .isEqualTo(
              Definitions.json(
                  "{\"instance\": \"instance-1\", \"draining\": false, \"database\": true,"
                      + " \"clock\": 99}"));
      origin.database.set(false);
      Conditions.await(
          "the database is away", () -> !ended(tick(lines)).path("database").asBoolean());
      CompletableFuture<Boolean> drained = drain(Conditions.LIMIT);
      Conditions.await("it drains", () -> ended(tick(lines)).path("draining").asBoolean());
      assertThat(drained.get(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      Conditions.await("the stream ends", () -> tick(lines) == null);
    }
  }

  private static JsonNode ended(@Nullable JsonNode tick) {
    assertThat(tick).isNotNull();
    return Objects.requireNonNull(tick);
  }

  private static @Nullable JsonNode tick(BufferedReader lines) throws IOException {
    String line = lines.readLine();
    while (line != null && !line.startsWith("data: ")) {
      line = lines.readLine();
    }
    return line == null ? null : Definitions.json(line.substring("data: ".length()));
  }
}
