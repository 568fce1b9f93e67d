package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.origin.fixture.TestKey;
import com.mcpist.testkit.Conditions;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Who calls, and how much, on the wire. */
final class CallersTest {
  private static final String LEGACY = "2025-11-25";
  private final TestOrigin origin = new TestOrigin();
  private final TestKey key = TestKey.random();

  @AfterEach
  void stop() {
    origin.close();
  }

  private HttpResponse<String> call(String... headers) throws Exception {
    HttpRequest.Builder request = origin.post(LEGACY, Requests.call(LEGACY, "echo", "{}"));
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    return origin.send(request.timeout(Conditions.LIMIT));
  }

  private static JsonNode error(HttpResponse<String> response) {
    return Definitions.json(response.body()).path("error");
  }

  @Test
  void aUserWhomTheEdgeNamesIsTheCalls() throws Exception {
    assertThat(call("X-User-Id", "ann").statusCode()).isEqualTo(200);

    assertThat(origin.runner.attempts().getLast().key().user()).isEqualTo("ann");
  }

  @Test
  void aKeysUserIsTheCalls() throws Exception {
    origin.keyUsers.set(d -> d.equals(key.digest()) ? Optional.of("bob") : Optional.empty());

    HttpResponse<String> response =
        call("X-User-Id", key.user(), "Authorization", "Bearer " + key.text());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(origin.runner.attempts().getLast().key().user()).isEqualTo("bob");
  }

  @ParameterizedTest
  @CsvSource({"'', 401, unauthenticated", "a b, 401, unauthenticated", "key:x, 401, invalid_token"})
  void whoIsNobodyIsToldSoAndNothingIsRun(String user, int status, String code) throws Exception {
    HttpResponse<String> response =
        call("X-User-Id", user, "Authorization", "Bearer " + key.text());

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(error(response).path("code").asInt()).isEqualTo(-32000);
    assertThat(error(response).path("data").path("code").asString()).isEqualTo(code);
    assertThat(Definitions.json(response.body()).get("id").isNull()).isTrue();
    assertThat(response.headers().firstValue("WWW-Authenticate").orElse(""))
        .startsWith("Bearer realm=\"mcpist\"");
    assertThat(response.body()).doesNotContain(key.text());
    assertThat(origin.runner.attempts()).isEmpty();
  }

  @Test
  void withoutAUserThereIsNoDefault() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(java.net.URI.create("http://127.0.0.1:" + origin.port() + "/mcp"))
            .header("X-Gateway-Secret", TestOrigin.SECRET)
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(Requests.call(LEGACY, "echo", "{}").toString()))
            .build();
    try (var client = java.net.http.HttpClient.newHttpClient()) {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(401);
    }
    assertThat(origin.runner.attempts()).isEmpty();
  }

  @Test
  void keysThatCannotBeLookedUpAreForAnotherOrigin() throws Exception {
    RefusedException away =
        new RefusedException(503, "auth_unavailable", "Later.", Map.of("X-Not-Run", "unavailable"));
    origin.keyUsers.set(
        d -> {
          throw away;
        });

    HttpResponse<String> response =
        call("X-User-Id", key.user(), "Authorization", "Bearer " + key.text());

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("X-Not-Run")).hasValue("unavailable");
    assertThat(error(response).path("data").path("code").asString()).isEqualTo("auth_unavailable");
  }

  @Test
  void anErrorOfTheProcessEndsTheRequest() throws Exception {
    origin.keyUsers.set(
        digest -> {
          throw new NoClassDefFoundError("a class");
        });
    assertFailed("X-User-Id", key.user(), "Authorization", "Bearer " + key.text());

    origin.admission.set(
        (user, attempt, calls) -> {
          throw new OutOfMemoryError("a heap");
        });
    assertFailed("X-User-Id", "ann");
  }

  private void assertFailed(String... headers) throws Exception {
    HttpResponse<String> answer = call(headers);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("\"code\":\"failed\"").doesNotContain("a class", "a heap");
  }

  @Test
  void onlyWhatMakesAModuleWorkIsCounted() throws Exception {
    List<String> entered = new CopyOnWriteArrayList<>();
    List<String> left = new CopyOnWriteArrayList<>();
    origin.admission.set(
        (user, attempt, calls) -> {
          entered.add(user + attempt);
          return () -> left.add(user);
        });

    for (String method : List.of("initialize", "ping", "tools/list", "prompts/list")) {
      origin.send(origin.post(LEGACY, Requests.request(LEGACY, method, "{}")));
    }
    assertThat(entered).isEmpty();
    call("X-User-Id", "ann", "X-Attempt", "3");
    for (String method : List.of("resources/read", "prompts/get", "completion/complete")) {
      origin.send(origin.post(LEGACY, Requests.request(LEGACY, method, "{}")));
    }

    assertThat(entered).containsExactly("ann3", "local1", "local1", "local1");
    assertThat(left).containsExactly("ann", "local", "local", "local");
  }

  @Test
  void whoCallsTooMuchIsToldByHeadersAndBody() throws Exception {
    RefusedException refusal =
        new RefusedException(429, "rate_limited", "Too much.", Map.of("Retry-After", "7"));
    origin.admission.set(
        (user, attempt, calls) -> {
          throw refusal;
        });

    HttpResponse<String> response = call();

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("Retry-After")).hasValue("7");
    assertThat(Definitions.json(response.body()).path("id").asInt()).isEqualTo(7);
    assertThat(error(response).path("data").path("code").asString()).isEqualTo("rate_limited");
    assertThat(origin.runner.attempts()).isEmpty();
  }
}
