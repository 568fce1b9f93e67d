package com.mcpist.testkit.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The calls that Terraform's provider makes, with what it sends, and what Cloudflare makes of it.
 */
class CloudflareServerTest {
  private static final String ACCOUNT = "/client/v4/accounts/" + CloudflareServer.ACCOUNT;
  private static final String ZONE = "/client/v4/zones/" + CloudflareServer.ZONE;

  private static final String DOMAIN =
      """
      {"hostname": "mcp.example.com", "service": "mcpist", "zone_id": "%s"}
      """
          .formatted(CloudflareServer.ZONE);
  private static final String MONITOR =
      """
      {"allow_insecure": false, "consecutive_down": 2, "consecutive_up": 3,
       "description": "mcpist: health", "expected_body": "\\"status\\":\\"ok\\"",
       "expected_codes": "200", "follow_redirects": false, "interval": 30, "method": "GET",
       "path": "/health", "port": 443, "retries": 2, "timeout": 5, "type": "https"}
      """;
  private static final String POOL =
      """
      {"name": "mcpist-one", "monitor": "%s", "description": "", "enabled": true,
       "minimum_origins": 1, "notification_email": "",
       "origins": [{"name": "one", "address": "one.example.net", "enabled": true, "weight": 1,
                    "header": {"Host": ["one.example.net"]}}]}
      """;
  private static final String BALANCER =
      """
      {"name": "lb.example.com", "description": "mcpist: behind the Worker", "enabled": true,
       "default_pools": ["%1$s"], "fallback_pool": "%1$s", "proxied": true,
       "session_affinity": "none", "steering_policy": "off",
       "adaptive_routing": {"failover_across_pools": true}}
      """;

  private final CloudflareServer cloudflare = CloudflareServer.empty("mcpist", "example.com");

  private record Answer(int status, JsonNode result) {
    String id() {
      return result.path("id").asString();
    }
  }

  @AfterEach
  void close() throws Exception {
    cloudflare.close();
  }

  @Test
  void aDomainIsMadeOnceThereIsAWorkerAndSaysItsEnvironment() throws Exception {
    assertThat(send("PUT", ACCOUNT + "/workers/domains", DOMAIN).status()).isEqualTo(404);
    cloudflare.deployedBySomebodyElse();

    Answer made = send("PUT", ACCOUNT + "/workers/domains", DOMAIN);
    Answer again = send("PUT", ACCOUNT + "/workers/domains", DOMAIN);

    assertThat(made.result().path("environment").asString()).isEqualTo("production");
    assertThat(made.result().path("zone_name").asString()).isEqualTo("example.com");
    assertThat(send("GET", ACCOUNT + "/workers/domains/" + made.id(), "")).isEqualTo(again);
    assertThat(cloudflare.inventory().path("domains")).hasSize(1);
    assertThat(send("DELETE", ACCOUNT + "/workers/domains/" + made.id(), "").status())
        .isEqualTo(200);
    assertThat(send("GET", ACCOUNT + "/workers/domains/" + made.id(), "").status()).isEqualTo(404);
  }

  @Test
  void schedulesAreSetAllAtOnceAndSayWhenTheyWereMade() throws Exception {
    String schedules = ACCOUNT + "/workers/scripts/mcpist/schedules";
    assertThat(send("GET", schedules, "").status()).isEqualTo(404);
    cloudflare.deployedBySomebodyElse();

    Answer set = send("PUT", schedules, "[{\"cron\": \"* * * * *\"}]");

    assertThat(set.result().at("/schedules/0/cron").asString()).isEqualTo("* * * * *");
    assertThat(set.result().at("/schedules/0/created_on").isString()).isTrue();
    assertThat(send("GET", schedules, "")).isEqualTo(set);
  }

  @Test
  void aNamespaceHasATitleOfItsOwn() throws Exception {
    String namespaces = ACCOUNT + "/storage/kv/namespaces";
    String title = "{\"title\": \"mcpist-state\"}";

    Answer made = send("POST", namespaces, title);

    assertThat(send("POST", namespaces, title).status()).isEqualTo(400);
    assertThat(send("GET", namespaces + "/" + made.id(), "")).isEqualTo(made);
    assertThat(send("PUT", namespaces + "/" + made.id(), "{\"title\": \"other\"}").status())
        .isEqualTo(200);
    assertThat(cloudflare.inventory().at("/namespaces/0/title").asString()).isEqualTo("other");
  }

  @Test
  void whatIsReferredToIsNotTakenAway() throws Exception {
    String balancing = ACCOUNT + "/load_balancers";
    String monitor = send("POST", balancing + "/monitors", MONITOR).id();
    String pool = send("POST", balancing + "/pools", POOL.formatted(monitor)).id();
    String balancer = send("POST", ZONE + "/load_balancers", BALANCER.formatted(pool)).id();

    assertThat(delete(balancing + "/pools/" + pool)).isEqualTo(412);
    assertThat(delete(balancing + "/monitors/" + monitor)).isEqualTo(412);
    assertThat(delete(ZONE + "/load_balancers/" + balancer)).isEqualTo(200);
    assertThat(delete(balancing + "/pools/" + pool)).isEqualTo(200);
    assertThat(delete(balancing + "/monitors/" + monitor)).isEqualTo(200);
    assertThat(delete(balancing + "/monitors/" + monitor)).isEqualTo(404);
  }

  @Test
  void whatIsReadIsWhatWasWrittenAndWhatCloudflareAdds() throws Exception {
    String balancing = ACCOUNT + "/load_balancers";
    Answer monitor = send("POST", balancing + "/monitors", MONITOR);
    Answer pool = send("POST", balancing + "/pools", POOL.formatted(monitor.id()));
    Answer balancer = send("POST", ZONE + "/load_balancers", BALANCER.formatted(pool.id()));

    holds(monitor.result(), MONITOR);
    holds(pool.result(), POOL.formatted(monitor.id()));
    holds(balancer.result(), BALANCER.formatted(pool.id()));
    for (Answer made : new Answer[] {monitor, pool, balancer}) {
      assertThat(made.result().path("created_on").isString()).isTrue();
    }
    String place = balancing + "/pools/" + pool.id();
    assertThat(send("GET", place, "")).isEqualTo(pool);
    JsonNode off =
        send("PUT", place, POOL.formatted(monitor.id()).replaceFirst("true", "false")).result();
    assertThat(off.path("disabled_at").isString()).isTrue();
    assertThat(off.path("created_on")).isEqualTo(pool.result().path("created_on"));
    assertThat(send("PATCH", place, "{\"enabled\": true}").result().has("disabled_at")).isFalse();
  }

  @Test
  void noPoolAndNoMonitorIsMadeUp() throws Exception {
    String unknown = "f".repeat(32);

    assertThat(send("POST", ZONE + "/load_balancers", BALANCER.formatted(unknown)).status())
        .isEqualTo(400);
    assertThat(send("POST", ACCOUNT + "/load_balancers/pools", POOL.formatted(unknown)).status())
        .isEqualTo(400);
  }

  private static void holds(JsonNode there, String written) {
    JsonMapper.shared()
        .readTree(written)
        .properties()
        .forEach(one -> assertThat(there.path(one.getKey())).isEqualTo(one.getValue()));
  }

  private int delete(String path) throws Exception {
    return send("DELETE", path, "").status();
  }

  private Answer send(String method, String path, String body) throws Exception {
    URI target = cloudflare.url().resolve(path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(target)
              .method(
                  method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
              .build();
      var response = client.send(request, BodyHandlers.ofString());
      JsonNode result = JsonMapper.shared().readTree(response.body()).path("result");
      return new Answer(response.statusCode(), result);
    }
  }
}
