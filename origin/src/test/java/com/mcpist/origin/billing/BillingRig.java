package com.mcpist.origin.billing;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.RunningOrigin;
import com.mcpist.testkit.TestDatabase;
import com.mcpist.testkit.vendor.StripeServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An origin that sells plans, its database, and Stripe. */
final class BillingRig implements AutoCloseable {
  static final String KEY = "sk_live_standin";
  static final String SECRET = "whsec_one";
  static final String NEXT_SECRET = "whsec_two";
  static final String TOKEN = "fedcba9876543210fedcba9876543210";

  private static final String BILLING =
      """
      {"plans": {"pro": "price_pro", "team": "price_team"}, "metered": {"team": "price_calls"},
       "meter": "mcpist_calls", "free": "standard", "graceDays": 7, "tax": true, "tools": true,
       "returnUrl": "https://example.com/"}
      """;

  final StripeServer stripe = StripeServer.start(KEY);
  final TestDatabase database = TestDatabase.create();
  final RunningOrigin origin;

  BillingRig() throws Exception {
    this(Map.of());
  }

  BillingRig(Map<String, String> more) throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("BILLING", BILLING);
    environment.put("STRIPE_SECRET_KEY", KEY);
    environment.put("STRIPE_WEBHOOK_SECRET", SECRET + "," + NEXT_SECRET);
    environment.put("STRIPE_API_URL", stripe.url().toString());
    environment.put("ADMIN_TOKEN", TOKEN);
    environment.putAll(more);
    origin = RunningOrigin.start(database, environment).awaitHealthy();
    for (String plan : new String[] {"pro", "team"}) {
      var put =
          origin
              .to("/api/admin/plans/" + plan)
              .header("Authorization", "Bearer " + TOKEN)
              .PUT(BodyPublishers.ofString("{\"callsPerMinute\": 600, \"callsAtOnce\": 50}"));
      assertThat(origin.send(put).statusCode()).isEqualTo(200);
    }
  }

  /** Sends an event as Stripe does; the code that it is answered. */
  String deliver(String event) throws Exception {
    return code(deliver(event, StripeServer.signature(event, Instant.now(), SECRET)));
  }

  static String code(HttpResponse<String> answer) {
    return JsonMapper.shared().readTree(answer.body()).path("code").asString("");
  }

  HttpResponse<String> deliver(String event, String signature) throws Exception {
    return origin.send(
        origin
            .to("/webhooks/stripe")
            .header("Stripe-Signature", signature)
            .POST(BodyPublishers.ofString(event)));
  }

  JsonNode ask(String what, String body) throws Exception {
    return JsonMapper.shared().readTree(answer(what, body).body());
  }

  HttpResponse<String> answer(String what, String body) throws Exception {
    return origin.send(
        origin
            .to("/api/admin/billing/" + what)
            .header("Authorization", "Bearer " + TOKEN)
            .POST(BodyPublishers.ofString(body)));
  }

  /** The plan of a user, as the database has it. */
  String plan(String user) throws SQLException {
    return value("select coalesce((select plan from account where user_id = ?), 'standard')", user);
  }

  String value(String sql, String... values) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? String.valueOf(row.getString(1)) : "";
      }
    }
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws IOException, SQLException {
    origin.close();
    database.close();
    stripe.close();
  }
}
