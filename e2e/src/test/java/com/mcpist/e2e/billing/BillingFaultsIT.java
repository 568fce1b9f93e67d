package com.mcpist.e2e.billing;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import com.mcpist.testkit.vendor.StripeServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Two origins behind an edge sell plans, and Stripe tells events all the time. */
class BillingFaultsIT {
  private static final String KEY = "sk_live_first";
  private static final String NEXT_KEY = "sk_live_second";
  private static final String SECRET = "whsec_first";
  private static final String NEXT_SECRET = "whsec_second";
  private static final String TOKEN = "the-admin-token-of-a-test-0123456789";
  private static final int TELLERS = 3;
  private static final String BILLING =
      """
      {"plans": {"pro": "price_pro", "team": "price_team"}, "metered": {"team": "price_calls"},
       "meter": "mcpist_calls", "free": "standard", "graceDays": 7,
       "returnUrl": "https://example.com/"}
      """;

  private final StripeServer stripe = StripeServer.start(KEY);
  private final int[] ports = {Ports.free(), Ports.free()};
  private final Program[] origins = new Program[2];
  private final AtomicBoolean telling = new AtomicBoolean(true);
  private final AtomicInteger told = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
  private final List<Thread> tellers = new ArrayList<>();
  private volatile List<String> signing = List.of(SECRET);
  private TestDatabase database;
  private EdgeKind.Running edge;

  // JUnit calls begin before anything else.
  @SuppressWarnings("NullAway.Init")
  BillingFaultsIT() {}

  @BeforeEach
  void begin() throws Exception {
    database = TestDatabase.create();
    for (int i = 0; i < origins.length; i++) {
      origins[i] = start(i, KEY, SECRET);
    }
    ObjectNode config = JsonMapper.shared().createObjectNode();
    config.putArray("allowedHosts").add("localhost");
    config.put("auth", "none").put("limits", "none").put("billing", true);
    var list = config.putArray("origins");
    for (int i = 0; i < origins.length; i++) {
      awaitHealthy(i);
      list.addObject().put("name", "origin-" + i).put("url", "http://127.0.0.1:" + ports[i]);
    }
    config.putObject("monitor").put("intervalSeconds", 0.2).put("timeoutSeconds", 1);
    edge = EdgeKind.JAVA.start(config);
    execute("insert into plan values ('pro', 600, 50), ('team', 900, 50)");
  }

  @AfterEach
  void end() throws Exception {
    telling.set(false);
    for (Thread teller : tellers) {
      teller.join();
    }
    edge.close();
    for (Program origin : origins) {
      origin.close();
    }
    database.close();
    stripe.close();
  }

  private Program start(int place, String key, String secrets) throws IOException {
    Map<String, String> more = new HashMap<>();
    more.put("BILLING", BILLING);
    more.put("STRIPE_SECRET_KEY", key);
    more.put("STRIPE_WEBHOOK_SECRET", secrets);
    more.put("STRIPE_API_URL", stripe.url().toString());
    more.put("ADMIN_TOKEN", TOKEN);
    return Program.origin(ports[place], database, more);
  }

  private void awaitHealthy(int place) throws IOException {
    origins[place].await("it is healthy", () -> healthy(ports[place]));
  }

  private static boolean healthy(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status()
        == 200;
  }

  /** As other clients do, it leaves a moment to the programs that start. */
  private int tell(String event) {
    LockSupport.parkNanos(Load.PAUSE.toNanos());
    String signature = StripeServer.signature(event, Instant.now(), signing.toArray(String[]::new));
    try {
      HttpMessage answer =
          RawHttp.exchange(
              edge.port(),
              RawHttp.post("/webhooks/stripe", "Stripe-Signature: " + signature, event));
      return answer.status();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Tells what happens to a subscription again and again, each until it is taken. */
  private void beginTelling() {
    for (int i = 0; i < TELLERS; i++) {
      String customer = stripe.customer("user-" + i);
      String subscription = stripe.subscribe(customer, "active", "price_pro");
      tellers.add(Thread.startVirtualThread(() -> tellAll(subscription)));
    }
  }

  private void tellAll(String subscription) {
    for (int n = 0; telling.get(); n++) {
      stripe.price(subscription, n % 2 == 0 ? "price_team" : "price_pro");
      String event = stripe.event("customer.subscription.updated", subscription);
      int status = tell(event);
      while (status != 200) {
        refused.add(status + " " + event.length());
        status = tell(event);
      }
      told.incrementAndGet();
    }
  }

  private void endTelling() throws Exception {
    telling.set(false);
    for (Thread teller : tellers) {
      teller.join();
    }
    assertThat(value("select count(*) from billing_event")).isEqualTo("" + told.get());
    for (int i = 0; i < TELLERS; i++) {
      String plan = priceOf("user-" + i).equals("price_team") ? "team" : "pro";
      assertThat(value("select plan from account where user_id = 'user-%d'".formatted(i)))
          .isEqualTo(plan);
    }
  }

  private String priceOf(String user) throws SQLException {
    String subscription =
        value("select id from billing_subscription where user_id = '%s'".formatted(user));
    return stripe.look(subscription).at("/items/data/0/price/id").asString();
  }

  private String value(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void awaitMore(int events) {
    int before = told.get();
    Conditions.await(events + " events are told", () -> told.get() >= before + events);
  }

  @Test
  void bothSecretsAreRotatedAndNoEventIsRefused() throws Exception {
    beginTelling();
    awaitMore(10);
    // Both are rolled at Stripe: for a while the old ones are good too.
    stripe.addKey(NEXT_KEY);
    signing = List.of(NEXT_SECRET, SECRET);
    for (int place = 1; place >= 0; place--) {
      origins[place].terminate();
      origins[place].awaitExit(Duration.ofSeconds(30));
      origins[place].close();
      origins[place] = start(place, NEXT_KEY, NEXT_SECRET);
      awaitHealthy(place);
      awaitMore(10);
    }
    stripe.removeKey(KEY);
    signing = List.of(NEXT_SECRET);
    awaitMore(10);

    endTelling();
    assertThat(refused).isEmpty();
    assertThat(stripe.violations()).isEmpty();
  }

  @Test
  @Tag("long")
  void whileOriginsAreKilledEachEventAndEachHourCountsOnce() throws Exception {
    beginTelling();
    awaitMore(10);
    for (int i = 0; i < TELLERS; i++) {
      // Two days of hours with calls.
      execute(
          """
          insert into billing_use
          select (select customer from billing_subscription where user_id = 'user-%d'),
            now() - make_interval(hours => 2 + n %% 48)
          from generate_series(1, 480) as n
          """
              .formatted(i));
    }
    for (int kill = 0; kill < 8; kill++) {
      int place = kill % 2;
      Thread reporter = Thread.startVirtualThread(() -> report(place));
      awaitMore(5);
      origins[place].close();
      reporter.join();
      awaitMore(5);
      origins[place] = start(place, KEY, SECRET);
      awaitHealthy(place);
    }
    Conditions.await(
        "all hours are reported",
        Duration.ofMinutes(2),
        () -> {
          report(0);
          return value("select count(*) from billing_hour where reported_at is null").equals("0")
              && value("select count(*) from billing_use").equals("0");
        });

    endTelling();
    assertThat(stripe.reported())
        .hasSize(TELLERS)
        .allSatisfy((_, calls) -> assertThat(calls).isEqualTo(480));
    assertThat(stripe.violations()).isEmpty();
  }

  /** Has an origin report what is due, as it does once a minute. */
  private void report(int place) {
    String body =
        "{\"fix\":\"no\",\"after\":\"\",\"month\":\"%s\"}"
            .formatted(LocalDate.now(ZoneOffset.UTC).toString().substring(0, 7));
    String headers = "X-Gateway-Secret: " + EdgeConfig.SECRET + "\nAuthorization: Bearer " + TOKEN;
    try {
      var _ =
          RawHttp.exchange(
              ports[place], RawHttp.post("/api/admin/billing/reconcile", headers, body));
    } catch (IOException e) {
      // It was killed.
    }
  }
}
