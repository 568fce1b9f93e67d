package com.mcpist.origin.billing;

import static com.mcpist.origin.billing.BillingRig.NEXT_SECRET;
import static com.mcpist.origin.billing.BillingRig.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.mcpist.origin.RunningOrigin;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import com.mcpist.testkit.vendor.StripeServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What Stripe is answered, and what others are. */
class WebhookTest {
  private static final String PERSON = "person@example.com";
  private static final ListAppender<ILoggingEvent> LOG = new ListAppender<>();
  private static BillingRig rig;

  @BeforeAll
  static void begin() throws Exception {
    LOG.start();
    ((Logger) LoggerFactory.getLogger("com.mcpist")).addAppender(LOG);
    rig = new BillingRig();
  }

  @AfterAll
  static void end() throws Exception {
    assertThat(LOG.list).noneMatch(line -> line.getFormattedMessage().contains(PERSON));
    assertThat(LOG.list).noneMatch(line -> line.getFormattedMessage().contains("whsec"));
    ((Logger) LoggerFactory.getLogger("com.mcpist")).detachAppender(LOG);
    assertThat(rig.stripe.violations()).isEmpty();
    rig.close();
  }

  /** An event that would give its user a plan. */
  private static String event(String user) {
    String customer = rig.stripe.customer(user);
    String subscription = rig.stripe.subscribe(customer, "active", "price_pro");
    return rig.stripe.event(
        "customer.subscription.created",
        subscription,
        event -> event.withObject("/data/object").put("description", PERSON));
  }

  private static String sign(String event, String... secrets) {
    return StripeServer.signature(event, Instant.now(), secrets);
  }

  @Test
  void onlyGoodSignaturesOfTheLastFiveMinutesCount() throws Exception {
    String event = event("signed");
    Instant now = Instant.now();
    Instant old = now.minus(Duration.ofSeconds(310));
    for (String signature :
        new String[] {
          sign(event, "whsec_another_account"),
          StripeServer.signature(event, old, SECRET),
          sign(event + " ", SECRET),
          sign(event),
          "t=0,v1=00",
          "t=x,v1",
          "nonsense"
        }) {
      HttpResponse<String> answer = rig.deliver(event, signature);
      assertThat(answer.statusCode()).as(signature).isEqualTo(400);
      assertThat(BillingRig.code(answer)).isEqualTo("bad_signature");
    }
    assertThat(
            rig.origin
                .send(rig.origin.to("/webhooks/stripe").POST(BodyPublishers.ofString(event)))
                .statusCode())
        .isEqualTo(400);
    assertThat(rig.plan("signed")).isEqualTo("standard");

    Instant young = now.minus(Duration.ofSeconds(280));
    HttpResponse<String> answer =
        rig.deliver(event, StripeServer.signature(event, young, "whsec_rolled", NEXT_SECRET));
    assertThat(BillingRig.code(answer)).isEqualTo("done");
    assertThat(rig.plan("signed")).isEqualTo("pro");
  }

  @Test
  void whatIsTooLongOrNoEventIsRefused() throws Exception {
    String large = "x".repeat(5 * 1024 * 1024);
    assertThat(rig.deliver(large, sign(large, SECRET)).statusCode()).isEqualTo(413);
    for (String body : new String[] {"", "[]", "{}", "{\"object\": \"event\", \"id\": \"1\"}"}) {
      assertThat(rig.deliver(body, sign(body, SECRET)).statusCode()).as(body).isEqualTo(400);
    }
    assertThat(rig.origin.send(rig.origin.to("/webhooks/stripe").GET()).statusCode())
        .isEqualTo(405);
  }

  @Test
  void aCustomerWhoIsGivenAUserLaterHasThePlanFromThenOn() throws Exception {
    String customer = rig.stripe.customer("");
    String subscription = rig.stripe.subscribe(customer, "active", "price_pro");
    assertThat(rig.deliver(rig.stripe.event("customer.subscription.created", subscription)))
        .isEqualTo("ignored");

    rig.stripe.change(customer, known -> known.withObject("/metadata").put("mcpist_user", "named"));

    assertThat(rig.deliver(rig.stripe.event("customer.updated", customer))).isEqualTo("done");
    assertThat(rig.plan("named")).isEqualTo("pro");
  }

  @Test
  void whatIsNoneOfOursChangesNothing() throws Exception {
    String customer = rig.stripe.customer("ignored");
    String subscription = rig.stripe.subscribe(customer, "active", "price_pro");
    String type = "customer.subscription.created";
    for (String event :
        new String[] {
          rig.stripe.event("customer.tax_id.created", subscription),
          rig.stripe.event(type, subscription, event -> event.put("livemode", false)),
          rig.stripe.event(type, subscription, event -> event.put("account", "acct_other"))
        }) {
      assertThat(rig.deliver(event)).isEqualTo("ignored");
    }
    assertThat(rig.plan("ignored")).isEqualTo("standard");

    String nobody = rig.stripe.customer("");
    String unpaid = rig.stripe.subscribe(nobody, "active", "price_pro");
    assertThat(rig.deliver(rig.stripe.event(type, unpaid))).isEqualTo("ignored");
    assertThat(rig.value("select count(*) from billing_customer where id = ?", nobody))
        .isEqualTo("0");
  }

  @Test
  void anUnknownPriceGivesNothingAndIsTold() throws Exception {
    String customer = rig.stripe.customer("priceless");
    String subscription = rig.stripe.subscribe(customer, "active", "price_other");
    String event = rig.stripe.event("customer.subscription.created", subscription);

    assertThat(rig.deliver(event)).isEqualTo("done");

    assertThat(rig.plan("priceless")).isEqualTo("standard");
    Conditions.await(
        "it is told",
        () ->
            rig.value(
                    "select count(*) from event where kind = 'billing' and message like"
                        + " '%'||?||'%'",
                    subscription)
                .equals("1"));
  }

  @Test
  void aDeletedCustomerHasNoPlan() throws Exception {
    String customer = rig.stripe.customer("deleted");
    String subscription = rig.stripe.subscribe(customer, "active", "price_pro");
    rig.deliver(rig.stripe.event("customer.subscription.created", subscription));
    assertThat(rig.plan("deleted")).isEqualTo("pro");

    rig.stripe.deleteCustomer(customer);
    assertThat(rig.deliver(rig.stripe.event("customer.deleted", customer))).isEqualTo("done");

    assertThat(rig.plan("deleted")).isEqualTo("standard");
  }

  @Test
  void whileStripeIsAwayTheEventWaits() throws Exception {
    String event = event("waiting");
    rig.stripe.removeKey(BillingRig.KEY);
    HttpResponse<String> answer = rig.deliver(event, sign(event, SECRET));
    rig.stripe.addKey(BillingRig.KEY);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(rig.plan("waiting")).isEqualTo("standard");

    rig.stripe.fail(Behaviour.resetBefore()); // Which the library asks again.
    assertThat(rig.deliver(event)).isEqualTo("done");
    assertThat(rig.plan("waiting")).isEqualTo("pro");
  }

  @Test
  void withoutBillingThereIsNothing() throws Exception {
    try (TestDatabase database = TestDatabase.create();
        RunningOrigin origin =
            RunningOrigin.start(database, Map.of("STRIPE_SECRET_KEY", "sk_test_of_a_module"))
                .awaitHealthy()) {
      assertThat(
              origin
                  .send(origin.to("/webhooks/stripe").POST(BodyPublishers.ofString("{}")))
                  .statusCode())
          .isEqualTo(404);
    }
  }
}
