package com.mcpist.origin.billing;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.Events.Event;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import com.mcpist.testkit.vendor.StripeServer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an origin does once a minute: the real database, and Stripe that may be away. */
class UpkeepTest {
  private static final String KEY = "sk_live_standin";
  private static final String SECRET = "whsec_standin";
  private static final Behaviour AWAY = failing(500);
  private static TestDatabase database;
  private static Jdbi jdbi;
  private static Database pool;

  private final StripeServer stripe = StripeServer.start(KEY);
  private final ConcurrentLinkedQueue<Event> told = new ConcurrentLinkedQueue<>();
  private final BillingConfig config =
      BillingConfig.parse(
          """
          {"plans": {"pro": "price_pro", "team": "price_team"}, "metered": {"team": "price_calls"},
           "meter": "mcpist_calls", "free": "standard", "graceDays": 7,
           "returnUrl": "https://example.com/"}
          """,
          KEY,
          List.of(SECRET),
          Optional.of(stripe.url().toString()));
  private final Billing billing = billing();

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    jdbi = Jdbi.create(database.dataSource());
    TestSchema.make(database);
    pool = TestSchema.pool(database, 4);
    jdbi.useHandle(h -> h.execute("insert into plan values ('pro', 600, 50), ('team', 900, 50)"));
  }

  @AfterAll
  static void stop() throws SQLException {
    pool.close();
    database.close();
  }

  @BeforeEach
  void empty() {
    for (String table : new String[] {"customer", "event", "use", "hour"}) {
      execute("delete from billing_" + table);
    }
    execute("delete from account");
  }

  @AfterEach
  void close() throws Exception {
    billing.close();
    stripe.close();
    assertThat(stripe.violations()).isEmpty();
  }

  private static Behaviour failing(int status) {
    return Behaviour.answer(status, "{\"error\": {\"message\": \"It does not work\"}}");
  }

  private Billing billing() {
    return new Billing(config, pool, () -> true, told::add);
  }

  private static void execute(String sql, Object... values) {
    jdbi.useHandle(h -> h.execute(sql, values));
  }

  private static String value(String sql, Object... values) {
    return jdbi.withHandle(h -> h.select(sql, values).mapTo(String.class).one());
  }

  private static String plan(String user) {
    return value("select coalesce((select plan from account where user_id = ?), 'standard')", user);
  }

  private String tell(String type, String object) {
    String event = stripe.event(type, object);
    String signature = StripeServer.signature(event, Instant.now(), SECRET);
    return billing.take(event.getBytes(StandardCharsets.UTF_8), List.of(signature)).code();
  }

  /** A user who pays for this; the id of the subscription. */
  private String subscribe(String user, String... prices) {
    String subscription = stripe.subscribe(stripe.customer(user), "active", prices);
    assertThat(tell("customer.subscription.created", subscription)).isEqualTo("done");
    return subscription;
  }

  private static String customer(String user) {
    return value("select id from billing_customer where user_id = ?", user);
  }

  /** As many calls as hours, one in each, the latest two hours ago. */
  private static void use(String customer, int hours) {
    execute(
        """
        insert into billing_use
        select ?, date_trunc('hour', now()) + interval '7 minutes' - make_interval(hours => 1 + n)
        from generate_series(1, ?) as n
        """,
        customer,
        hours);
  }

  private long asked(String call) {
    return stripe.calls().stream().filter(call::equals).count();
  }

  @Test
  void aPlanThatIsMissingWhenAGracePeriodEndsIsTold() {
    String subscription = subscribe("late", "price_pro");
    stripe.status(subscription, "canceled");
    execute("update billing_subscription set until = now() - interval '1 minute'");
    execute("delete from plan where name = 'team'");
    try {
      billing.upkeep();
    } finally {
      execute("insert into plan values ('team', 900, 50)");
    }

    assertThat(told)
        .anySatisfy(event -> assertThat(event.toString()).contains("There is no plan team"));
    assertThat(plan("late")).isEqualTo("pro");
    billing.upkeep();
    assertThat(plan("late")).isEqualTo("standard");
  }

  /** The library hides the failure of a further page in an exception of its own. */
  @Test
  void whileAFurtherPageFailsAnEventWaits() {
    String subscription = subscribe("many", "price_pro");
    String page =
        """
        {"object": "list", "url": "/v1/subscriptions", "has_more": true, "data": [{
          "id": "sub_other", "object": "subscription", "status": "canceled",
          "items": {"object": "list", "data": []}}]}
        """;
    stripe.instead(
        message ->
            message.target().contains("starting_after")
                ? AWAY
                : message.target().startsWith("/v1/subscriptions")
                    ? Behaviour.answer(200, page)
                    : null);

    assertThat(tell("customer.subscription.updated", subscription)).isEqualTo("later");
    assertThat(plan("many")).isEqualTo("pro");
  }

  @Test
  void whoPaysWhileInvoicesAreListedKeepsThePlan() {
    String subscription = subscribe("meanwhile", "price_pro");
    stripe.status(subscription, "past_due");
    stripe.instead(
        message -> {
          if (message.target().startsWith("/v1/invoices")) {
            stripe.status(subscription, "active");
          }
          return null;
        });

    assertThat(tell("customer.subscription.updated", subscription)).isEqualTo("done");
    assertThat(plan("meanwhile")).isEqualTo("pro");
  }

  @Test
  void whoHasPaidKeepsThePlanThoughNoEventToldIt() {
    for (String user : new String[] {"paid", "unpaid"}) {
      String subscription = subscribe(user, "price_pro");
      stripe.status(subscription, "past_due");
      stripe.openInvoice(subscription, Instant.now().minus(Duration.ofDays(6)));
      assertThat(tell("customer.subscription.updated", subscription)).isEqualTo("done");
      assertThat(plan(user)).isEqualTo("pro");
      if (user.equals("paid")) {
        stripe.status(subscription, "active");
      } else {
        stripe.openInvoice(subscription, Instant.now().minus(Duration.ofDays(8)));
      }
    }
    execute("update billing_subscription set until = now() - interval '1 minute'");
    stripe.instead(message -> message.target().startsWith("/v1/subscriptions") ? AWAY : null);
    billing.upkeep();
    assertThat(plan("paid")).isEqualTo("pro");
    assertThat(plan("unpaid")).isEqualTo("pro");

    stripe.instead(_ -> null);
    billing.upkeep();

    assertThat(plan("paid")).isEqualTo("pro");
    assertThat(plan("unpaid")).isEqualTo("standard");
    assertThat(value("select count(*) from billing_subscription where plan is not null"))
        .isEqualTo("1");
  }

  @Test
  void theDailyComparisonIsMadeOnceStripeHasAnswered() {
    subscribe("drifted", "price_pro");
    execute("update account set plan = 'team' where user_id = 'drifted'");
    execute("update billing_customer set checked_at = now() - interval '2 days'");
    stripe.instead(message -> message.target().startsWith("/v1/subscriptions") ? AWAY : null);
    billing.upkeep();
    assertThat(told).isEmpty();

    stripe.instead(_ -> null);
    billing.upkeep();
    billing.upkeep();

    assertThat(told)
        .singleElement()
        .satisfies(event -> assertThat(event.message()).contains("drifted", "team", "pro"));
    assertThat(plan("drifted")).isEqualTo("team");
  }

  @Test
  void theDailyComparisonMendsWhatIsNoPlan() {
    subscribe("metered", "price_team", "price_calls");
    // As before the price of calls was in the configuration.
    execute("update billing_subscription set metered = false");
    execute("update billing_customer set checked_at = now() - interval '2 days'");
    billing.upkeep();
    assertThat(value("select metered from billing_subscription")).isEqualTo("t");
    assertThat(told).isEmpty();
  }

  @Test
  void aStepThatFailsKeepsNoOtherBack() {
    subscribe("reported", "price_team", "price_calls");
    use(customer("reported"), 3);
    execute("update billing_customer set checked_at = now() - interval '2 days'");
    execute(
        "insert into billing_hour select 'cus_old', now() - make_interval(hours => n), 0, 1, now(),"
            + " true, null, now() - interval '401 days' from generate_series(1, 1500) as n");
    stripe.instead(message -> message.target().startsWith("/v1/subscriptions") ? AWAY : null);

    billing.upkeep();

    assertThat(stripe.reported()).containsEntry(customer("reported"), 3L);
    assertThat(value("select count(*) from billing_hour where customer = 'cus_old'"))
        .isEqualTo("500");
  }

  @Test
  void whileStripeIsAwayOneHourIsTried() {
    subscribe("waiting", "price_team", "price_calls");
    use(customer("waiting"), 20);
    String call = "POST /v1/billing/meter_events";
    stripe.instead(message -> message.target().equals("/v1/billing/meter_events") ? AWAY : null);
    billing.upkeep();
    assertThat(asked(call)).isEqualTo(2); // The library asks twice.

    stripe.instead(_ -> null);
    execute("update billing_hour set lease_until = null");
    billing.upkeep();
    assertThat(stripe.reported()).containsEntry(customer("waiting"), 20L);
  }

  @Test
  void anHourThatStripeRefusesIsPutOffAndTold() {
    subscribe("refused", "price_team", "price_calls");
    subscribe("good", "price_team", "price_calls");
    String refused = customer("refused");
    use(refused, 20);
    use(customer("good"), 1);
    stripe.instead(message -> message.text().contains(refused) ? failing(400) : null);

    billing.upkeep();
    execute("update billing_hour set lease_until = lease_until - interval '5 minutes'");
    billing.upkeep();

    assertThat(stripe.reported()).containsOnlyKeys(customer("good"));
    assertThat(asked("POST /v1/billing/meter_events")).isEqualTo(21);
    assertThat(told).hasSize(20);
  }

  @Test
  void anHourIsReportedOnceWhoeverDiesInTheMiddle() {
    String subscription = subscribe("counted", "price_team", "price_calls");
    String customer = customer("counted");
    Instant first = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofMinutes(100));
    execute(
        "insert into billing_use select ?, cast(? as timestamptz) + make_interval(mins => n)"
            + " from generate_series(0, 4) as n",
        customer,
        first.toString());
    BillingStore store = new BillingStore(config);
    jdbi.useTransaction(h -> assertThat(addedUp(store, h)).isTrue());
    List<BillingStore.Hour> hours = jdbi.inTransaction(h -> store.take(h, 8));
    assertThat(hours).singleElement().satisfies(hour -> assertThat(hour.calls()).isEqualTo(5));
    BillingStore.Hour hour = hours.getFirst();
    // Another origin has taken it: this one leaves it alone. The other reports, and dies.
    billing.upkeep();
    assertThat(stripe.reported()).isEmpty();
    report(hour);
    execute("update billing_hour set lease_until = null");
    // A call of that hour is committed only now.
    execute(
        "insert into billing_use values (?, cast(? as timestamptz))", customer, first.toString());

    billing.upkeep();

    assertThat(stripe.reported()).containsEntry(customer, 6L).hasSize(1);
    assertThat(value("select count(*) from billing_hour where reported_at is null")).isEqualTo("0");
    // As of the first call: the subscription may have begun within the hour.
    assertThat(stripe.look(hour.identifier()).path("timestamp").asLong())
        .isEqualTo(first.getEpochSecond());
    assertThat(subscription).isNotEmpty();
  }

  /** Stripe remembers identifiers for a day at least. */
  @Test
  void anHourOfWhichStripeMayHaveForgottenIsNotReportedTwice() {
    subscribe("told", "price_team", "price_calls");
    subscribe("untold", "price_team", "price_calls");
    use(customer("told"), 1);
    use(customer("untold"), 1);
    stripe.instead(message -> message.text().contains(customer("untold")) ? AWAY : null);
    billing.upkeep();
    stripe.instead(_ -> null);
    // The origin died before it said so, and no other one was there for a day.
    execute(
        "update billing_hour set reported_at = null, lease_until = now() - interval '21 hours'");
    stripe.forgetIdentifiers();

    billing.upkeep();

    assertThat(stripe.reported())
        .containsEntry(customer("told"), 1L)
        .containsEntry(customer("untold"), 1L);
    assertThat(value("select count(*) from billing_hour where reported_at is null")).isEqualTo("0");
  }

  private static boolean addedUp(BillingStore store, Handle handle) {
    boolean all = false;
    for (int i = 0; i < 10 && !all; i++) {
      all = store.addUp(handle);
    }
    return all;
  }

  private void report(BillingStore.Hour hour) {
    try {
      new StripeAccount(config)
          .report("mcpist_calls", hour.customer(), hour.calls(), hour.first(), hour.identifier());
    } catch (StripeProblem e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whoWritesLocksTheUserBeforeAnyRow() throws Exception {
    String subscription = subscribe("locked", "price_pro");
    String customer = customer("locked");
    try (Handle other = jdbi.open()) {
      other.begin();
      other
          .select(
              "select 1 from pg_advisory_xact_lock(hashtextextended('mcpist billing locked', 0))")
          .mapTo(Integer.class)
          .one();
      Thread teller =
          Thread.startVirtualThread(() -> tell("customer.subscription.updated", subscription));
      Conditions.await(
          "the event waits for the user",
          () ->
              value(
                      "select count(*) from pg_locks where locktype = 'advisory' and not granted"
                          + " and database = (select oid from pg_database where datname ="
                          + " current_database())")
                  .equals("1"));
      assertThat(
              other
                  .select(
                      "select id from billing_customer where id = ? for update nowait", customer)
                  .mapTo(String.class)
                  .one())
          .isEqualTo(customer);
      other.rollback();
      teller.join();
    }
  }
}
