package com.mcpist.origin.billing;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.vendor.StripeServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A subscription from its trial to its end, in whatever order its events come. */
class SubscriptionLifeTest {
  private static BillingRig rig;

  @BeforeAll
  static void begin() throws Exception {
    rig = new BillingRig();
  }

  @AfterAll
  static void end() throws Exception {
    assertThat(rig.stripe.violations()).isEmpty();
    rig.close();
  }

  /** What happens at Stripe, one step after the other; each gives events. */
  private static final class Life {
    final String user;
    final String customer;
    private final StripeServer stripe = rig.stripe;
    private String subscription = "";
    private String invoice = "";

    Life(String user) {
      this.user = user;
      this.customer = stripe.customer(user);
    }

    /** By what it is called, the plan that follows, and what happens. */
    Map<String, Step> steps() {
      Map<String, Step> steps = new LinkedHashMap<>();
      steps.put("trial", new Step("pro", this::trial));
      steps.put("paid", new Step("pro", () -> status("active", "invoice.paid")));
      steps.put("failed", new Step("pro", () -> fail(Instant.now())));
      steps.put("grace is over", new Step("standard", () -> fail(longAgo())));
      steps.put("recovered", new Step("pro", this::recover));
      steps.put("upgraded", new Step("team", this::upgrade));
      steps.put("to be cancelled", new Step("team", this::endWithPeriod));
      steps.put(
          "paused", new Step("standard", () -> status("paused", "customer.subscription.paused")));
      steps.put(
          "resumed", new Step("team", () -> status("active", "customer.subscription.resumed")));
      steps.put("cancelled", new Step("standard", this::cancel));
      steps.put("refunded", new Step("standard", this::refund));
      return steps;
    }

    private List<String> trial() {
      subscription = stripe.subscribe(customer, "trialing", "price_pro");
      return List.of(
          stripe.paid(user, customer, subscription),
          stripe.event("customer.subscription.created", subscription),
          stripe.event("customer.subscription.trial_will_end", subscription));
    }

    private List<String> status(String status, String type) {
      stripe.status(subscription, status);
      List<String> events = new ArrayList<>();
      events.add(stripe.event("customer.subscription.updated", subscription));
      if (type.startsWith("invoice")) {
        events.add(stripe.event(type, stripe.openInvoice(subscription, Instant.now())));
      } else if (!type.isEmpty()) {
        events.add(stripe.event(type, subscription));
      }
      return events;
    }

    private List<String> fail(Instant since) {
      stripe.status(subscription, "past_due");
      invoice = stripe.openInvoice(subscription, since);
      return List.of(
          stripe.event("invoice.payment_failed", invoice),
          stripe.event("invoice.payment_action_required", invoice),
          stripe.event("customer.subscription.updated", subscription));
    }

    static Instant longAgo() {
      return Instant.now().minus(Duration.ofDays(8));
    }

    private List<String> recover() {
      stripe.pay(invoice);
      return status("active", "");
    }

    private List<String> upgrade() {
      stripe.price(subscription, "price_team");
      String proration = stripe.openInvoice(subscription, Instant.now());
      stripe.change(proration, each -> each.put("billing_reason", "subscription_update"));
      stripe.pay(proration);
      return List.of(
          stripe.event("customer.subscription.updated", subscription),
          stripe.event("invoice.paid", proration));
    }

    private List<String> endWithPeriod() {
      stripe.change(subscription, each -> each.put("cancel_at_period_end", true));
      return status("active", "");
    }

    private List<String> cancel() {
      stripe.status(subscription, "canceled");
      return List.of(stripe.event("customer.subscription.deleted", subscription));
    }

    private List<String> refund() {
      return List.of(
          stripe.event(
              "charge.refunded",
              customer,
              event ->
                  event
                      .putObject("data")
                      .putObject("object")
                      .put("id", "ch_refunded")
                      .put("object", "charge")
                      .put("customer", customer)));
    }
  }

  private interface Happening {
    List<String> happen();
  }

  private record Step(String plan, Happening happening) {}

  /** Without them, the other tests have a stand-in that knows less. */
  @Test
  @Needs({Need.STRIPE_MOCK, Need.SCHEMAS})
  void stripesOwnMockSeesEachRequestAndObjectsAreStripesSamples() throws Exception {
    Life life = new Life("mocked");
    int before = rig.stripe.mocked();
    assertThat(rig.deliver(life.trial().getFirst())).isEqualTo("done");
    assertThat(rig.stripe.mocked()).isGreaterThan(before);
    assertThat(rig.stripe.look(life.subscription).has("billing_cycle_anchor")).isTrue();
  }

  @Test
  void inOrderEachStepHasItsPlan() throws Exception {
    Life life = new Life("in-order");
    for (Map.Entry<String, Step> step : life.steps().entrySet()) {
      for (String event : step.getValue().happening().happen()) {
        assertThat(rig.deliver(event)).isEqualTo("done");
      }
      assertThat(rig.plan(life.user)).as(step.getKey()).isEqualTo(step.getValue().plan());
    }
  }

  @Test
  void whereverItStopsEveryOrderEndsInTheSamePlan() throws Exception {
    List<String> names = List.copyOf(new Life("names").steps().keySet());
    for (int last = 0; last < names.size(); last++) {
      Life life = new Life("user-" + last);
      List<String> events = new ArrayList<>();
      String plan = "";
      for (String name : names.subList(0, last + 1)) {
        Step step = Objects.requireNonNull(life.steps().get(name));
        events.addAll(step.happening().happen());
        plan = step.plan();
      }
      List<String> twice = new ArrayList<>(events);
      twice.addAll(events);
      Collections.shuffle(twice, new Random(last));
      List<String> late = events.stream().map(SubscriptionLifeTest::ofLongAgo).toList();
      List<List<String>> orders = List.of(events.reversed(), twice, late);
      for (String event : orders.get(last % orders.size())) {
        assertThat(rig.deliver(event)).isIn("done", "repeated");
      }
      assertThat(rig.plan(life.user)).as(names.get(last)).isEqualTo(plan);
      for (String event : events) {
        assertThat(rig.deliver(event)).isEqualTo("repeated");
      }
      assertThat(rig.plan(life.user)).as(names.get(last)).isEqualTo(plan);
    }
  }

  private static String ofLongAgo(String event) {
    ObjectNode late = (ObjectNode) JsonMapper.shared().readTree(event);
    return late.put("created", Life.longAgo().getEpochSecond()).toString();
  }

  @Test
  void anOlderAnswerOfStripeIsNotKeptAfterANewerOne() throws Exception {
    Life life = new Life("overtaken");
    for (String event : life.trial()) {
      rig.deliver(event);
    }
    String first = rig.stripe.event("customer.subscription.updated", life.subscription);
    StripeServer.Held held = rig.stripe.hold("GET /v1/subscriptions");
    AtomicReference<String> code = new AtomicReference<>("");
    Thread teller =
        Thread.startVirtualThread(
            () -> {
              try {
                code.set(rig.deliver(first));
              } catch (Exception e) {
                code.set(e.toString());
              }
            });
    held.await();

    assertThat(rig.deliver(life.upgrade().getFirst())).isEqualTo("done");
    assertThat(rig.plan(life.user)).isEqualTo("team");
    held.release();
    teller.join();

    assertThat(code).hasValue("done");
    assertThat(rig.plan(life.user)).isEqualTo("team");
  }

  @Test
  void aDisputeTakesThePlanUntilItIsWon() throws Exception {
    Life life = new Life("disputing");
    for (String event : life.trial()) {
      rig.deliver(event);
    }
    String dispute = rig.stripe.dispute(life.customer, "needs_response");
    String created = rig.stripe.event("charge.dispute.created", dispute);
    assertThat(rig.deliver(created)).isEqualTo("done");
    assertThat(rig.plan(life.user)).isEqualTo("standard");

    rig.stripe.status(dispute, "won");
    assertThat(rig.deliver(rig.stripe.event("charge.dispute.closed", dispute))).isEqualTo("done");
    assertThat(rig.deliver(created)).isEqualTo("repeated");
    assertThat(rig.plan(life.user)).isEqualTo("pro");
  }

  @Test
  void whoHasLostADisputeAndPaysAgainHasThePlan() throws Exception {
    Life life = new Life("disputed");
    for (String event : life.trial()) {
      rig.deliver(event);
    }
    String dispute = rig.stripe.dispute(life.customer, "lost");
    rig.deliver(rig.stripe.event("charge.dispute.closed", dispute));
    assertThat(rig.plan(life.user)).isEqualTo("standard");
    rig.deliver(rig.stripe.event("customer.subscription.updated", life.subscription));
    assertThat(rig.plan(life.user)).isEqualTo("standard");

    String invoice = rig.stripe.openInvoice(life.subscription, Instant.now());
    rig.stripe.pay(invoice);
    assertThat(rig.deliver(rig.stripe.event("invoice.paid", invoice))).isEqualTo("done");

    assertThat(rig.plan(life.user)).isEqualTo("pro");
  }

  @Test
  void aFirstPaymentThatFailsLeavesThePlanThatTheOperatorGave() throws Exception {
    rig.execute("insert into account (user_id, plan) values ('given', 'team')");
    Life life = new Life("given");
    String subscription = rig.stripe.subscribe(life.customer, "incomplete", "price_pro");
    for (String status : new String[] {"incomplete", "incomplete_expired"}) {
      rig.stripe.status(subscription, status);
      String event = rig.stripe.event("customer.subscription.updated", subscription);
      assertThat(rig.deliver(event)).isEqualTo("done");
      assertThat(rig.plan(life.user)).as(status).isEqualTo("team");
    }
  }

  @Test
  void anInvoiceByMailIsUnpaidOnceItIsDue() throws Exception {
    Life life = new Life("by-mail");
    for (String event : life.trial()) {
      rig.deliver(event);
    }
    life.fail(Life.longAgo());
    String updated = rig.stripe.event("customer.subscription.updated", life.subscription);
    long due = Instant.now().minus(Duration.ofDays(1)).getEpochSecond();
    rig.stripe.change(life.invoice, invoice -> invoice.put("due_date", due));
    assertThat(rig.deliver(updated)).isEqualTo("done");
    assertThat(rig.plan(life.user)).isEqualTo("pro");
  }
}
