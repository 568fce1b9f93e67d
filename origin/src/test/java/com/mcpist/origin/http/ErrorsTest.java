package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.admin.Events;
import com.mcpist.origin.admin.OwnSecrets;
import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.billing.Billing;
import com.mcpist.origin.billing.BillingConfig;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mount.Mounts;
import com.mcpist.origin.mount.client.MountConfig;
import com.mcpist.origin.status.StatusEndpoint;
import com.mcpist.testkit.vendor.StripeServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests whose work ends by an error of the virtual machine: each is answered. */
final class ErrorsTest {
  private static final String NOWHERE = "postgresql://nobody:none@127.0.0.1:1/none";
  private static final String TOKEN = "fedcba9876543210fedcba9876543210";
  private static final String STRIPE = "whsec_one";

  private Database database;
  private Billing billing;
  private TestOrigin origin;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  ErrorsTest() {}

  @BeforeEach
  void start() {
    BooleanSupplier ready =
        () -> {
          throw new StackOverflowError("too deep");
        };
    database = Database.open(TestSchema.config(NOWHERE, NOWHERE, 2), new Database.LoginGate());
    billing =
        new Billing(
            BillingConfig.parse(
                "{\"plans\":{\"pro\":\"p\"},\"free\":\"standard\",\"graceDays\":7,\"returnUrl\":\"https://example.com/\"}",
                "sk_live_x",
                List.of(STRIPE),
                Optional.empty()),
            database,
            ready,
            event -> {});
    AdminEndpoint admin =
        AdminEndpoint.on(
            AcceptedSecrets.of(List.of(TOKEN)),
            new Events(database, ready),
            OwnSecrets.of(Map.of()),
            "instance-1",
            true,
            new Mounts(
                MountConfig.parse("{\"mcpServers\":{}}"),
                Map.of(),
                database,
                Budget.ofHeap(0),
                ready,
                List.of()),
            name -> Optional.empty(),
            billing);
    origin = new TestOrigin(admin, StatusEndpoint.of(database, ready, List::of), billing);
  }

  @AfterEach
  void stop() {
    origin.close();
    billing.close();
    database.close();
  }

  @Test
  void anAdminRequestIsAnswered() throws Exception {
    HttpResponse<String> response =
        origin.send(origin.to("/api/admin/lock").header("Authorization", "Bearer " + TOKEN));

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(Definitions.json(response.body()).at("/error/code").asString()).isEqualTo("failed");
  }

  @Test
  void aStatusPageIsAnswered() throws Exception {
    String asked =
        """
        {"edge": {"kind": "java", "at": "2026-01-01T00:00:00Z", "origins": [],
                  "calls": {"answered": 0, "failed": 0, "replayed": 0}},
         "part": "page", "language": "en", "live": false, "signedIn": false}
        """;

    HttpResponse<String> response =
        origin.send(origin.to("/status").POST(BodyPublishers.ofString(asked)));

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).contains("\"failed\"");
  }

  @Test
  void anEventOfStripeIsAnswered() throws Exception {
    String event =
        """
        {"id": "evt_1", "object": "event", "type": "customer.subscription.created",
         "livemode": true, "data": {"object": {"object": "subscription", "customer": "cus_1"}}}
        """;

    HttpResponse<String> response =
        origin.send(
            origin
                .to("/webhooks/stripe")
                .header("Stripe-Signature", StripeServer.signature(event, Instant.now(), STRIPE))
                .POST(BodyPublishers.ofString(event)));

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.headers().firstValue("X-Event-Outcome")).contains("failed");
  }
}
