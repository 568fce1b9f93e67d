package com.mcpist.testkit.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.MutableClock;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stand-in that let wrong requests pass would prove nothing. */
class VendorSpecTest {
  private static final String ACCOUNT = "/client/v4/accounts/" + CloudflareServer.ACCOUNT;
  private static final String ZONE = "/client/v4/zones/" + CloudflareServer.ZONE;

  private static VendorServer koyeb() {
    return new KoyebServer("a", "{}");
  }

  private static VendorServer fly() {
    FlyServer fly = new FlyServer("a", MutableClock.create());
    fly.machine("m", "nrt", "{\"image\": \"x\"}");
    return fly;
  }

  private static VendorServer gitHub() {
    return new GitHubServer("o/r");
  }

  private static VendorServer cloudflare() {
    return new CloudflareServer("w", "example.com", "lb.example.com", List.of("one"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET   | /v1/servces/a               |                                        | there is no GET /v1/servces/a
          PUT   | /v1/services/a              | {"definition": {}}                     | there is no PUT /v1/services/a
          PATCH | /v1/services/a              |                                        | needs a body
          PATCH | /v1/services/a              | {"definitoin": {}}                     | definitoin
          PATCH | /v1/services/a              | {"definition": {"docker": {"image": 1}}} | /definition/docker/image
          PATCH | /v1/services/a              | {"definition": {"env": [{"name": "A"}]}} | name
          GET   | /v1/deployments?serviceid=a&limit=1 |                                | serviceid
          GET   | /v1/deployments?limit=1     |                                        | lacks service_id
          POST  | /v1/secrets                 | {"name": "a", "type": "PLAIN", "value": "b"} | /type
          POST  | /v1/secrets                 | {"name": "a", "type": "SIMPLE"}        | value
          GET   | /v1/services/a              | {}                                     | it takes no body
          """)
  void koyebsContractFindsWhatIsWrong(String method, String target, String body, String problem)
      throws Exception {
    assertRefused(koyeb(), method, target, body, problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          POST | /v1/apps/a/machines/m                    | {"config": {"image": 1}}      | /config/image
          POST | /v1/apps/a/machines/m                    | {"config": {"imgae": "a"}}    | imgae
          POST | /v1/apps/a/machines/m                    | {"config": {}}                | current_version
          POST | /v1/apps/a/machines/m                    | {"min_secrets_version": "1"}  | /min_secrets_version
          POST | /v1/apps/a/machines/m                    | {"min_secret_version": 1}     | min_secret_version
          POST | /v1/apps/a/machines/m/lease              | {"ttl": "1"}                  | /ttl
          GET  | /v1/apps/a/machines/m/wait?state=running |                               | state cannot be running
          GET  | /v1/apps/a/machines/m/wait?timeout=1m    |                               | timeout cannot be 1m
          POST | /v1/apps/a/secrets                       | {"values": {"A": 1}}          | /values/A
          POST | /v1/apps/a/secrets                       | {"A": "b"}                    | A
          """)
  void flysContractFindsWhatIsWrong(String method, String target, String body, String problem)
      throws Exception {
    assertRefused(fly(), method, target, body, problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET  | /repos/o/r/action/secrets                    |                                          | there is no GET
          GET  | /repos/o/r/actions/secrets?per_page=1&pages=1 |                                         | pages
          PUT  | /repos/o/r/actions/secrets/A                 | {"encrypted_value": "a", "key": "b"}     | key_id
          PUT  | /repos/o/r/actions/secrets/A                 | {"encrypted_value": "a", "key_id": 1}    | /key_id
          """)
  void gitHubsContractFindsWhatIsWrong(String method, String target, String body, String problem)
      throws Exception {
    assertRefused(gitHub(), method, target, body, problem);
  }

  @Test
  void gitHubMustBeToldWhichOfItsInterfacesIsMeant() throws Exception {
    try (VendorServer gitHub = gitHub();
        HttpClient client = HttpClient.newHttpClient()) {
      URI url = gitHub.url().resolve("/repos/o/r/actions/secrets/public-key");
      HttpRequest without = HttpRequest.newBuilder(url).build();
      assertThat(client.send(without, BodyHandlers.discarding()).statusCode()).isEqualTo(400);
      assertThat(gitHub.violations())
          .anySatisfy(violation -> assertThat(violation).contains("X-GitHub-Api-Version"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PATCH | ZONE/load_balancers/b                     | {"default_pool": ["a"]}                  | default_pool
          PATCH | ACCOUNT/load_balancers/pools/p            | {"enabled": "no"}                        | /enabled
          GET   | ACCOUNT/storage/kv/namespaces?page=1&perpage=1 |                                     | perpage
          GET   | ACCOUNT/workers/script/w/versions         |                                          | there is no GET
          PUT   | ACCOUNT/workers/scripts/w                 | {"metadata": {}}                         | it takes no application/json
          PUT   | ACCOUNT/workers/scripts/w/secrets         | {"name": "A", "text": "b", "type": "secret"} | /type
          PATCH | ACCOUNT/workers/scripts/w/script-settings | {"observability": {"enable": true}}      | enable
          POST  | ACCOUNT/workers/scripts/w/deployments     | {"strategy": "percentage", "versions": [{"version_id": "a"}]} | percentage
          POST  | ACCOUNT/workers/scripts/w/deployments?force=1 | {"strategy": "percentage", "versions": []} | force cannot be 1
          """)
  void cloudflaresContractFindsWhatIsWrong(
      String method, String target, String body, String problem) throws Exception {
    assertRefused(
        cloudflare(),
        method,
        target.replace("ACCOUNT", ACCOUNT).replace("ZONE", ZONE),
        body,
        problem);
  }

  @Test
  void whatIsRightPasses() throws Exception {
    assertPasses(koyeb(), "PATCH", "/v1/services/a", "{\"definition\": {}}");
    assertPasses(fly(), "GET", "/v1/apps/a/machines/m", null);
    assertPasses(fly(), "POST", "/v1/apps/a/secrets", "{\"values\": {\"A\": \"b\"}}");
    assertPasses(gitHub(), "GET", "/repos/o/r/actions/secrets/public-key", null);
    assertPasses(cloudflare(), "GET", ZONE + "/settings/ssl", null);
    assertPasses(cloudflare(), "GET", ACCOUNT + "/load_balancers/pools", null);
  }

  @Test
  void aStandInsOwnAnswerIsHeldToTheContract() throws Exception {
    try (KoyebServer koyeb = new KoyebServer("a", "{}")) {
      koyeb.serviceState("HELTHY");

      assertThat(send(koyeb, "GET", "/v1/services/a", null)).isEqualTo(200);
      assertThat(koyeb.violations())
          .anySatisfy(violation -> assertThat(violation).contains("own answer", "/service/status"));
    }
  }

  private static void assertRefused(
      VendorServer vendor, String method, String target, @Nullable String body, String problem)
      throws Exception {
    try (vendor) {
      assertThat(send(vendor, method, target, body)).isEqualTo(400);
      assertThat(vendor.violations())
          .anySatisfy(violation -> assertThat(violation).contains(problem));
    }
  }

  private static void assertPasses(
      VendorServer vendor, String method, String target, @Nullable String body) throws Exception {
    try (vendor) {
      assertThat(send(vendor, method, target, body)).isEqualTo(200);
      assertThat(vendor.violations()).isEmpty();
    }
  }

  private static int send(VendorServer server, String method, String target, @Nullable String body)
      throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(server.url().resolve(target))
              .header("Content-Type", "application/json")
              .header("Accept", "application/vnd.github+json")
              .header("X-GitHub-Api-Version", "2022-11-28")
              .method(
                  method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
              .build();
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }
}
