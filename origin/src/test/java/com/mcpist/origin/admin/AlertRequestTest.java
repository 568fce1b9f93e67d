package com.mcpist.origin.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.TestDatabase;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** An origin with webhooks. */
final class AlertRequestTest {
  private static final String ALERTS =
      """
      {"service": "notes", "webhooks": [{"name": "team", "type": "slack", "secret": "TEAM_URL"},
                                        {"name": "unset", "type": "json", "secret": "UNSET_URL"}]}
      """;

  @Test
  void itPostsTestsAndEvents() throws Exception {
    try (TestDatabase database = TestDatabase.create();
        FaultServer hook = FaultServer.start();
        AdminClient client =
            AdminClient.starting(
                    database.originUrl(),
                    database.url(),
                    Map.of("ALERTS", ALERTS, "TEAM_URL", hook.url() + "/T0KEN"))
                .awaitHealthy()) {
      hook.next(Behaviour.status(404));
      assertThat(client.post("alerts/team", "").body().path("answer").asString())
          .isEqualTo("HTTP 404");
      assertThat(client.post("alerts/team", "").body().path("answer").asString())
          .isEqualTo("HTTP 200");
      assertThat(hook.requests().getLast().text())
          .contains("notes: ", " test: alerts to team arrive");
      assertThat(client.post("alerts/unset", "").body().path("answer").asString())
          .isEqualTo("UNSET_URL is not set");
      assertThat(client.post("alerts/other", "").status()).isEqualTo(404);
      assertThat(client.get("alerts/team").status()).isEqualTo(405);

      Conditions.await(
          "an event is told",
          () -> {
            client.put("events/" + UUID.randomUUID(), AdminClient.event("the check: it failed"));
            return hook.requests().getLast().text().contains("failed: the check: it failed");
          });
    }
  }
}
