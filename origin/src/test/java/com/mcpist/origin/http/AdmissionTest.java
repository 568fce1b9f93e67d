package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.origin.fixture.TestKey;
import com.mcpist.testkit.Conditions;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What counts against a user's limits, and what is said of a refusal that takes its time. */
final class AdmissionTest {
  private static final String LEGACY = "2025-11-25";
  private static final String BATCHES = "2025-03-26";
  private final TestOrigin origin = new TestOrigin();
  private final List<String> entered = new CopyOnWriteArrayList<>();
  private final List<String> left = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    origin.close();
  }

  private void count() {
    origin.admission.set(
        (user, attempt, calls) -> {
          entered.add(user + " " + calls);
          return () -> left.add(user);
        });
  }

  private static RefusedException refusal(int status, Map<String, String> headers) {
    return new RefusedException(status, "code", "Why.", headers);
  }

  /** Longer than the silence after which an answer would be begun as a stream. */
  private static void takeLong() {
    try {
      TimeUnit.MILLISECONDS.sleep(700);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aKeysRefusalThatTakesLongKeepsItsStatus() throws Exception {
    TestKey key = TestKey.random();
    origin.keyUsers.set(
        digest -> {
          takeLong();
          throw refusal(503, Map.of("X-Not-Run", "unavailable"));
        });

    HttpResponse<String> response =
        origin.send(
            origin
                .post(LEGACY, Requests.call(LEGACY, "echo", "{}"))
                .setHeader("X-User-Id", key.user())
                .header("X-Call-Id", "c1")
                .header("Authorization", "Bearer " + key.text()));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("X-Not-Run")).hasValue("unavailable");
  }

  @Test
  void aLimitsRefusalThatTakesLongKeepsItsStatus() throws Exception {
    origin.admission.set(
        (user, attempt, calls) -> {
          takeLong();
          throw refusal(429, Map.of("Retry-After", "7"));
        });

    for (HttpRequest.Builder request :
        List.of(origin.post(LEGACY, Requests.call(LEGACY, "echo", "{}")), batch(2), listen())) {
      HttpResponse<String> response = origin.send(request);
      assertThat(response.statusCode()).isEqualTo(429);
      assertThat(response.headers().firstValue("Retry-After")).hasValue("7");
    }
  }

  private HttpRequest.Builder batch(int calls) {
    String one = Requests.call(BATCHES, "echo", "{}").toString();
    String ping = Requests.request(BATCHES, "ping", "{}").toString();
    return origin
        .post(BATCHES, Requests.call(BATCHES, "echo", "{}"))
        .POST(HttpRequest.BodyPublishers.ofString("[" + (one + ",").repeat(calls) + ping + "]"));
  }

  private HttpRequest.Builder listen() {
    return origin.post(
        Requests.MODERN,
        Requests.request(Requests.MODERN, "subscriptions/listen", "{\"notifications\": {}}"));
  }

  @Test
  void aBatchIsOneAtOnceAndEachOfItsCallsIsOneOfTheMinute() throws Exception {
    count();

    assertThat(origin.send(batch(3)).statusCode()).isEqualTo(200);
    assertThat(origin.send(batch(0)).statusCode()).isEqualTo(200);

    assertThat(entered).containsExactly("local 3", "local 1");
    assertThat(left).hasSize(2);
  }

  @Test
  void aLaterPartOfABatchWaitsForAConnectionUntilTheDeadline() throws Exception {
    Instant deadline = Instant.now().plusMillis(300);
    String batch =
        "[%s, %s]"
            .formatted(
                Requests.call(BATCHES, "echo", "{}"),
                Requests.call(BATCHES, "away", "{\"busy\": 1}"));

    HttpResponse<String> response =
        origin.send(
            batch(0)
                .header("X-Deadline", Long.toString(deadline.toEpochMilli()))
                .POST(HttpRequest.BodyPublishers.ofString(batch)));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("X-Not-Run")).as("echo was run").isEmpty();
    assertThat(Instant.now()).isAfterOrEqualTo(deadline.truncatedTo(ChronoUnit.MILLIS));
  }

  @Test
  void aStreamIsOneAtOnceUntilItsClientGoes() throws Exception {
    count();

    HttpResponse<InputStream> stream = origin.open(listen());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).isEqualTo("event: message");
      assertThat(entered).containsExactly("local 0");
      assertThat(left).isEmpty();
    }
    Conditions.await("its place is free", () -> left.size() == 1);
  }

  @Test
  void aStreamIsOneAtOnceUntilTheOriginStops() throws Exception {
    count();

    HttpResponse<InputStream> stream = origin.open(listen());
    assertThat(left).isEmpty();
    assertThat(origin.server.drain(Conditions.LIMIT)).isTrue();

    assertThat(left).containsExactly("local");
    stream.body().close();
  }
}
