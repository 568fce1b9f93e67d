package com.mcpist.origin.billing;

import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An event as Stripe sends it, of which only this is read: what is so now, Stripe is asked for. An
 * {@code account} is another one's, which is connected to this one.
 */
record StripeEvent(String id, String type, boolean live, boolean ofOtherAccount, JsonNode object) {
  static final String DISPUTES = "charge.dispute.";

  /** Those that may change a plan: docs/operations/billing.md has a table. */
  static final Set<String> KNOWN =
      Set.of(
          "checkout.session.completed",
          "customer.subscription.created",
          "customer.subscription.updated",
          "customer.subscription.deleted",
          "customer.subscription.paused",
          "customer.subscription.resumed",
          "customer.subscription.trial_will_end",
          "customer.updated",
          "customer.deleted",
          "invoice.paid",
          "invoice.payment_failed",
          "invoice.payment_action_required",
          "charge.refunded",
          "charge.dispute.created",
          "charge.dispute.updated",
          "charge.dispute.closed");

  /** Empty: it is no event. */
  static Optional<StripeEvent> read(String body) {
    try {
      JsonNode json = JsonMapper.shared().readTree(body);
      String id = json.path("id").asString("");
      String type = json.path("type").asString("");
      JsonNode object = json.path("data").path("object");
      if (!json.path("object").asString("").equals("event")
          || !id.matches("evt_[A-Za-z0-9_]{1,100}")
          || !type.matches("[a-z0-9_.]{1,100}")
          || !object.isObject()) {
        return Optional.empty();
      }
      JsonNode account = json.path("account");
      return Optional.of(
          new StripeEvent(
              id,
              type,
              json.path("livemode").asBoolean(false),
              !account.isMissingNode() && !account.isNull(),
              object));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  boolean known() {
    return KNOWN.contains(type);
  }

  boolean ofDispute() {
    return type.startsWith(DISPUTES);
  }

  String objectId() {
    return object.path("id").asString("");
  }

  /** Whose it is; empty: nobody's who has a customer's record, as with a single payment. */
  Optional<String> customer() {
    if (object.path("object").asString("").equals("customer")) {
      return Optional.of(objectId());
    }
    JsonNode customer = object.path("customer");
    String id = (customer.isObject() ? customer.path("id") : customer).asString("");
    return Optional.of(id).filter(known -> !known.isEmpty());
  }
}
