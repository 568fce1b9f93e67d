package com.mcpist.testkit.vendor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.mcpist.testkit.MutableClock;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stand-in that let wrong requests pass would prove nothing. */
class VendorSpecTest {
  @BeforeEach
  void schemas() {
    assumeTrue(
        !System.getProperty("mcpist.specs", "").isEmpty(),
        "Skipped: run with -Dmcpist.specs=DIR to check by the vendors' schemas");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET   | /v1/servces/a               |                                        | there is no GET /v1/servces/a
          PATCH | /v1/services/a              |                                        | needs a body
          PATCH | /v1/services/a              | {"definitoin": {}}                     | definitoin
          PATCH | /v1/services/a              | {"definition": {"docker": {"image": 1}}} | /definition/docker/image
          PATCH | /v1/services/a              | {"definition": {"env": [{"name": "A"}]}} | name
          GET   | /v1/deployments?serviceid=a |                                        | serviceid
          POST  | /v1/secrets                 | {"name": "a", "type": "PLAIN"}         | /type
          GET   | /v1/services/a              | {}                                     | it takes no body
          """)
  void koyebsSchemaFindsWhatIsWrong(String method, String target, String body, String problem)
      throws Exception {
    try (KoyebServer koyeb = new KoyebServer("a", "{}")) {
      assertThat(send(koyeb.url(), method, target, body)).isEqualTo(400);
      assertThat(koyeb.violations()).singleElement().asString().contains(problem);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          POST | /v1/apps/a/machines/m                    | {"config": {"image": 1}}      | /config/image
          POST | /v1/apps/a/machines/m                    | {"config": {"imgae": "a"}}    | imgae
          POST | /v1/apps/a/machines/m                    | {"min_secrets_version": "1"}  | /min_secrets_version
          POST | /v1/apps/a/machines/m/lease              | {"ttl": "1"}                  | /ttl
          GET  | /v1/apps/a/machines/m/wait?state=running |                               | state cannot be running
          GET  | /v1/apps/a/machines/m/wait?timeout=1m    |                               | timeout cannot be 1m
          POST | /v1/apps/a/secrets                       | {"values": {"A": 1}}          | /values/A
          POST | /v1/apps/a/secrets                       | {"A": "b"}                    | A
          """)
  void flysSchemaFindsWhatIsWrong(String method, String target, String body, String problem)
      throws Exception {
    try (FlyServer fly = new FlyServer("a", MutableClock.create())) {
      fly.machine("m", "nrt", "{}");
      assertThat(send(fly.url(), method, target, body)).isEqualTo(400);
      assertThat(fly.violations()).singleElement().asString().contains(problem);
    }
  }

  @Test
  void whatIsRightPasses() throws Exception {
    try (KoyebServer koyeb = new KoyebServer("a", "{}");
        FlyServer fly = new FlyServer("a", MutableClock.create())) {
      fly.machine("m", "nrt", "{\"image\": \"x\"}");

      assertThat(send(koyeb.url(), "PATCH", "/v1/services/a", "{\"definition\": {}}"))
          .isEqualTo(200);
      assertThat(send(fly.url(), "GET", "/v1/apps/a/machines/m/wait?timeout=1", null))
          .isEqualTo(400);
      assertThat(send(fly.url(), "GET", "/v1/apps/a/machines/m", null)).isEqualTo(200);
      assertThat(koyeb.violations()).isEmpty();
      assertThat(fly.violations()).isEmpty();
    }
  }

  private static int send(
      URI server, String method, String target, @org.jspecify.annotations.Nullable String body)
      throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(server.resolve(target))
              .method(
                  method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
              .build();
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }
}
