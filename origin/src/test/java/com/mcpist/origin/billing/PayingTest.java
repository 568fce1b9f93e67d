package com.mcpist.origin.billing;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.vendor.StripeServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Buying a plan, being counted, and being compared. */
class PayingTest {
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

  private static String link(String user, String plan, UUID id) {
    return "{\"user\": \"%s\", \"plan\": \"%s\", \"id\": \"%s\"}".formatted(user, plan, id);
  }

  private static String subscribe(String user, String... prices) throws Exception {
    String customer = rig.stripe.customer(user);
    String subscription = rig.stripe.subscribe(customer, "active", prices);
    String created = rig.stripe.event("customer.subscription.created", subscription);
    assertThat(rig.deliver(created)).isEqualTo("done");
    return subscription;
  }

  @Test
  void aLinkIsTheSameForTheSameRequestAndWhoPaysGetsThePortal() throws Exception {
    UUID id = UUID.randomUUID();
    JsonNode first = rig.ask("link", link("buyer", "pro", id));
    assertThat(first.path("url").asString()).startsWith("https://checkout.example.com/");
    assertThat(rig.ask("link", link("buyer", "pro", id))).isEqualTo(first);
    assertThat(rig.ask("link", link("buyer", "pro", UUID.randomUUID()))).isNotEqualTo(first);
    assertThat(rig.value("select count(*) from billing_customer where user_id = 'buyer'"))
        .isEqualTo("1");
    assertThat(rig.answer("link", link("buyer", "none", id)).statusCode()).isEqualTo(400);
    assertThat(rig.answer("portal", "{\"user\": \"nobody\"}").statusCode()).isEqualTo(404);

    String customer = rig.value("select id from billing_customer where user_id = 'buyer'");
    String subscription = rig.stripe.subscribe(customer, "active", "price_pro");
    assertThat(rig.deliver(rig.stripe.paid("buyer", customer, subscription))).isEqualTo("done");
    assertThat(rig.plan("buyer")).isEqualTo("pro");

    JsonNode again = rig.ask("link", link("buyer", "team", UUID.randomUUID()));
    assertThat(again.path("page").asString()).isEqualTo("portal");
    assertThat(rig.ask("portal", "{\"user\": \"buyer\"}").path("url").asString())
        .startsWith("https://portal.example.com/");
  }

  @Test
  void clientsSeeAndBuyPlansByTools() throws Exception {
    subscribe("tooled", "price_team");
    JsonNode shown = call("tooled", "plan_show", "{}");
    assertThat(shown.at("/result/structuredContent/plan").asString()).isEqualTo("team");
    assertThat(shown.at("/result/structuredContent/subscription").asString()).isEqualTo("active");
    JsonNode bought = call("newcomer", "plan_upgrade", "{\"plan\": \"pro\"}");
    assertThat(bought.at("/result/structuredContent/url").asString())
        .startsWith("https://checkout.example.com/");
    assertThat(call("newcomer", "plan_show", "{}").at("/result/structuredContent/plan").asString())
        .isEqualTo("standard");
  }

  private static JsonNode call(String user, String tool, String arguments) throws Exception {
    String body =
        """
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
         "params": {"name": "%s", "arguments": %s}}
        """
            .formatted(tool, arguments);
    var answer =
        rig.origin.send(
            rig.origin
                .to("/mcp")
                .header("X-User-Id", user)
                .header("Accept", "application/json")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    return JsonMapper.shared().readTree(answer.body());
  }

  private static void save(String user) throws Exception {
    JsonNode saved = call(user, "memory_save", "{\"title\": \"t\", \"text\": \"x\"}");
    assertThat(saved.at("/result/isError").asBoolean(true)).as("%s", saved).isFalse();
  }

  @Test
  void callsThatWriteAreCountedOnceWhereTheirPriceIsPaid() throws Exception {
    subscribe("counted", "price_team", "price_calls");
    subscribe("uncounted", "price_team");
    for (int i = 0; i < 5; i++) {
      save("counted");
    }
    save("uncounted");
    call("counted", "memory_list", "{}");
    assertThat(rig.value("select count(*) from billing_use")).isEqualTo("5");
  }

  @Test
  void whoWasDeletedAtStripeCanBuyAgain() throws Exception {
    subscribe("returning", "price_pro");
    String customer = rig.value("select id from billing_customer where user_id = 'returning'");
    rig.stripe.deleteCustomer(customer); // And its event is lost.

    JsonNode told = rig.ask("link", link("returning", "pro", UUID.randomUUID()));

    assertThat(told.path("page").asString()).as("%s", told).isEqualTo("checkout");
    assertThat(rig.plan("returning")).isEqualTo("standard");
    assertThat(
            rig.value(
                "select count(*) from billing_customer where user_id = 'returning' and not"
                    + " deleted"))
        .isEqualTo("1");
  }

  @Test
  void aKeyOfAnotherAccountTakesNobodysPlan() throws Exception {
    String subscription = subscribe("kept", "price_pro");
    String customer = rig.value("select id from billing_customer where user_id = 'kept'");
    String updated = rig.stripe.event("customer.subscription.updated", subscription);

    rig.stripe.hide(customer, true);
    assertThat(rig.deliver(updated)).isEqualTo("later");
    assertThat(rig.answer("link", link("kept", "pro", UUID.randomUUID())).statusCode())
        .isEqualTo(409);
    assertThat(rig.plan("kept")).isEqualTo("pro");

    rig.stripe.hide(customer, false);
    assertThat(rig.deliver(updated)).isEqualTo("done");
    assertThat(rig.ask("link", link("kept", "pro", UUID.randomUUID())).path("page").asString())
        .isEqualTo("portal");
  }

  @Test
  void whatIsNotSoldHereLeavesThePlanThatTheOperatorGave() throws Exception {
    rig.execute("insert into account (user_id, plan) values ('other-product', 'team')");
    subscribe("other-product", "price_of_a_book");

    assertThat(rig.plan("other-product")).isEqualTo("team");
  }

  /** As by a Payment Link, whose buyer may write what he likes. */
  @Test
  void aStrangersPurchaseIsNobodys() throws Exception {
    rig.execute("insert into account (user_id, plan) values ('victim', 'team')");
    String stranger = rig.stripe.customer("");
    String subscription = rig.stripe.subscribe(stranger, "active", "price_pro");

    assertThat(rig.deliver(rig.stripe.paid("victim", stranger, subscription))).isEqualTo("ignored");
    rig.stripe.status(subscription, "canceled");
    String ended = rig.stripe.event("customer.subscription.deleted", subscription);
    assertThat(rig.deliver(ended)).isEqualTo("ignored");
    assertThat(rig.plan("victim")).isEqualTo("team");
  }

  @Test
  void whileAPaymentIsDisputedNothingIsSold() throws Exception {
    subscribe("disputing", "price_pro");
    String customer = rig.value("select id from billing_customer where user_id = 'disputing'");
    String subscription =
        rig.value("select id from billing_subscription where customer = ?", customer);
    String dispute = rig.stripe.dispute(customer, "under_review");
    rig.stripe.status(subscription, "canceled");
    rig.deliver(rig.stripe.event("charge.dispute.created", dispute));

    var refused = rig.answer("link", link("disputing", "pro", UUID.randomUUID()));
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains(dispute);

    rig.stripe.status(dispute, "lost");
    assertThat(rig.ask("link", link("disputing", "pro", UUID.randomUUID())).path("page").asString())
        .isEqualTo("checkout");
  }

  @Test
  void aDifferenceIsToldAndMended() throws Exception {
    subscribe("drifted", "price_pro");
    rig.execute("update account set plan = 'team' where user_id = 'drifted'");
    JsonNode difference = difference("drifted", "no");
    assertThat(difference.path("plan").asString()).isEqualTo("team");
    assertThat(difference.path("byStripe").asString()).isEqualTo("pro");
    assertThat(rig.plan("drifted")).isEqualTo("team");

    JsonNode mended = difference("drifted", "yes");
    assertThat(mended.path("mended").asBoolean()).isTrue();
    assertThat(rig.plan("drifted")).isEqualTo("pro");
  }

  /** Of all customers, a page of them after another. */
  private static JsonNode difference(String user, String fix) throws Exception {
    Optional<JsonNode> found = Optional.empty();
    String after = "";
    while (found.isEmpty()) {
      JsonNode told =
          rig.ask("reconcile", "{\"fix\": \"%s\", \"after\": \"%s\"}".formatted(fix, after));
      found =
          told.path("differences")
              .valueStream()
              .filter(each -> each.path("user").asString().equals(user))
              .findFirst();
      after = told.path("next").asString("");
      assertThat(found.isPresent() || !after.isEmpty()).as("%s", told).isTrue();
    }
    return found.get();
  }

  @Test
  void theAccountIsChecked() throws Exception {
    rig.stripe.addPrice("price_pro", price -> {});
    rig.stripe.addPrice("price_team", price -> price.put("currency", "jpy"));
    JsonNode found = rig.ask("check", "{\"url\": \"https://example.com/webhooks/stripe\"}");
    assertThat(found.path("findings").findValuesAsString("grade"))
        .containsExactly("good", "good", "bad", "weak", "bad");
    assertThat(found.toString()).contains("Stripe has no price_calls", "jpy, usd", "billing init");
  }

  @Test
  void initMakesWhatIsMissingOnce() throws Exception {
    try (StripeServer stripe = StripeServer.start("sk_test_new")) {
      StripeSetup setup =
          new StripeSetup(
              StripeAccount.client("sk_test_new", Optional.of(stripe.url().toString())));
      JsonNode wanted =
          JsonMapper.shared()
              .readTree(
                  """
                  {"plans": {"pro": {"amount": 1500, "currency": "jpy", "interval": "month"}},
                   "url": "https://example.com/webhooks/stripe"}
                  """);
      JsonNode made = setup.make(wanted);
      assertThat(made.at("/plans/pro").asString()).startsWith("price_");
      assertThat(made.path("webhookSecret").asString()).startsWith("whsec_");
      JsonNode again = setup.make(wanted);
      assertThat(again.at("/plans/pro")).isEqualTo(made.at("/plans/pro"));
      assertThat(again.has("webhookSecret")).isFalse();
      assertThat(stripe.violations()).isEmpty();
    }
  }
}
