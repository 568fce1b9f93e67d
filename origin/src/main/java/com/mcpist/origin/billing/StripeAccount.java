package com.mcpist.origin.billing;

import com.mcpist.origin.billing.BillingConfig.Sold;
import com.mcpist.origin.billing.Standing.Subscribed;
import com.stripe.StripeClient;
import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.SignatureVerificationException;
import com.stripe.exception.StripeException;
import com.stripe.model.Charge;
import com.stripe.model.Customer;
import com.stripe.model.Dispute;
import com.stripe.model.Invoice;
import com.stripe.model.Subscription;
import com.stripe.model.billing.Meter;
import com.stripe.net.RequestOptions;
import com.stripe.net.Webhook;
import com.stripe.param.CustomerCreateParams;
import com.stripe.param.DisputeRetrieveParams;
import com.stripe.param.InvoiceListParams;
import com.stripe.param.SubscriptionListParams;
import com.stripe.param.billing.MeterEventCreateParams;
import com.stripe.param.billing.MeterEventSummaryListParams;
import com.stripe.param.billing.MeterListParams;
import com.stripe.param.checkout.SessionCreateParams;
import com.stripe.param.checkout.SessionCreateParams.LineItem;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An account at Stripe, by Stripe's own library. Each request blocks for some seconds at most, and
 * may be made again.
 */
final class StripeAccount {
  /** A user of this server, in the metadata of a customer. */
  static final String USER = "mcpist_user";

  private static final int CONNECT_MILLIS = 2_000;

  /** With the library's second try within the edge's patience. */
  private static final int READ_MILLIS = 5_000;

  private static final long TOLERANCE_SECONDS = 300;
  private static final long PAGE = 100;
  private static final int TOO_MANY = 429;

  private final BillingConfig config;
  private final StripeClient client;

  StripeAccount(BillingConfig config) {
    this.config = config;
    this.client = client(config.key(), config.api());
  }

  /** {@code api}: instead of Stripe's own address. */
  static StripeClient client(String key, Optional<String> api) {
    StripeClient.StripeClientBuilder builder =
        StripeClient.builder()
            .setApiKey(key)
            .setConnectTimeout(CONNECT_MILLIS)
            .setReadTimeout(READ_MILLIS)
            .setMaxNetworkRetries(1);
    api.ifPresent(builder::setApiBase);
    return builder.build();
  }

  /** Whether a header of Stripe-Signature is one of these secrets', and of the last 5 minutes. */
  static boolean signed(String body, String header, List<String> secrets, Clock clock) {
    for (String secret : secrets) {
      try {
        Webhook.Signature.verifyHeader(body, header, secret, TOLERANCE_SECONDS, clock);
        return true;
      } catch (SignatureVerificationException | RuntimeException e) {
        // It may be another one's; a header that is none throws whatever it likes.
      }
    }
    return false;
  }

  /** All that a customer has or had; empty where Stripe has deleted the customer. */
  List<Subscribed> subscriptions(String customer) throws StripeProblem {
    SubscriptionListParams all =
        SubscriptionListParams.builder()
            .setCustomer(customer)
            .setStatus(SubscriptionListParams.Status.ALL)
            .setLimit(PAGE)
            .build();
    try {
      List<Subscribed> found = new ArrayList<>();
      for (Subscription each : client.v1().subscriptions().list(all).autoPagingIterable()) {
        found.add(subscribed(each));
      }
      return found;
    } catch (StripeException | RuntimeException e) {
      StripeProblem problem = problem(e);
      if (problem.missing() && deleted(customer)) {
        return List.of();
      }
      throw problem;
    }
  }

  private Subscribed subscribed(Subscription listed) throws StripeException {
    Subscription one = listed;
    @Nullable Instant unpaid = null;
    if (one.getStatus().equals("past_due")) {
      unpaid = oldestOpen(one.getId());
      if (unpaid == null) { // It may have been paid meanwhile.
        one = client.v1().subscriptions().retrieve(one.getId());
      }
    }
    List<String> prices =
        one.getItems().getData().stream().map(item -> item.getPrice().getId()).toList();
    return new Subscribed(one.getId(), one.getStatus(), prices, unpaid);
  }

  private @Nullable Instant oldestOpen(String subscription) throws StripeException {
    InvoiceListParams open =
        InvoiceListParams.builder()
            .setSubscription(subscription)
            .setStatus(InvoiceListParams.Status.OPEN)
            .setLimit(PAGE)
            .build();
    @Nullable Instant oldest = null;
    for (Invoice each : client.v1().invoices().list(open).autoPagingIterable()) {
      // One that is sent by mail is due later.
      Instant due =
          Instant.ofEpochSecond(each.getDueDate() == null ? each.getCreated() : each.getDueDate());
      oldest = oldest == null || due.isBefore(oldest) ? due : oldest;
    }
    return oldest;
  }

  /** Of which user a customer is; empty: of nobody here. */
  Optional<String> user(String customer) throws StripeProblem {
    try {
      Customer found = client.v1().customers().retrieve(customer);
      return Boolean.TRUE.equals(found.getDeleted()) || found.getMetadata() == null
          ? Optional.empty()
          : Optional.ofNullable(found.getMetadata().get(USER));
    } catch (StripeException | RuntimeException e) {
      throw problem(e);
    }
  }

  /**
   * Whether somebody has deleted a customer. One that Stripe does not know is another account's:
   * then the key is a wrong one, and nothing may follow from that.
   */
  boolean deleted(String customer) throws StripeProblem {
    try {
      return Boolean.TRUE.equals(client.v1().customers().retrieve(customer).getDeleted());
    } catch (StripeException | RuntimeException e) {
      throw problem(e);
    }
  }

  /** Whose payment is disputed; empty: no customer's. */
  Optional<String> customerOf(String dispute) throws StripeProblem {
    DisputeRetrieveParams withCharge = DisputeRetrieveParams.builder().addExpand("charge").build();
    try {
      @Nullable Charge charge =
          client.v1().disputes().retrieve(dispute, withCharge).getChargeObject();
      return Optional.ofNullable(charge).map(Charge::getCustomer);
    } catch (StripeException | RuntimeException e) {
      throw problem(e);
    }
  }

  /** Whether it is not decided yet who has the money. */
  boolean open(String dispute) throws StripeProblem {
    try {
      return isOpen(client.v1().disputes().retrieve(dispute));
    } catch (StripeException | RuntimeException e) {
      throw problem(e);
    }
  }

  /** An early warning takes no money. */
  private static boolean isOpen(Dispute dispute) {
    return List.of("needs_response", "under_review").contains(dispute.getStatus());
  }

  /** Those of a customer's disputes that are open, or lost and nothing was paid since. */
  List<String> counting(String customer, Collection<String> disputes) throws StripeProblem {
    List<String> counting = new ArrayList<>();
    try {
      for (String id : disputes) {
        Dispute dispute = client.v1().disputes().retrieve(id);
        boolean counts =
            isOpen(dispute)
                || (dispute.getStatus().equals("lost") && !hasPaid(customer, dispute.getCreated()));
        if (counts) {
          counting.add(id);
        }
      }
      return counting;
    } catch (StripeException | RuntimeException e) {
      throw problem(e);
    }
  }

  private boolean hasPaid(String customer, long since) throws StripeException {
    InvoiceListParams paid =
        InvoiceListParams.builder()
            .setCustomer(customer)
            .setStatus(InvoiceListParams.Status.PAID)
            .setLimit(PAGE)
            .build();
    for (Invoice each : client.v1().invoices().list(paid).autoPagingIterable()) {
      Invoice.@Nullable StatusTransitions transitions = each.getStatusTransitions();
      @Nullable Long at = transitions == null ? null : transitions.getPaidAt();
      if (at != null && at > since && each.getAmountPaid() > 0) {
        return true;
      }
    }
    return false;
  }

  /** Makes the customer of a user; the same one for the same key. */
  String createCustomer(String user, String idempotencyKey) throws StripeProblem {
    CustomerCreateParams params = CustomerCreateParams.builder().putMetadata(USER, user).build();
    try {
      return client.v1().customers().create(params, once(idempotencyKey)).getId();
    } catch (StripeException | RuntimeException e) {
      throw problem(e);
    }
  }

  /** The address of a page at Stripe where a plan is bought. */
  String checkout(String customer, String user, Sold plan, String idempotencyKey)
      throws StripeProblem {
    SessionCreateParams.Builder params =
        SessionCreateParams.builder()
            .setMode(SessionCreateParams.Mode.SUBSCRIPTION)
            .setCustomer(customer)
            .setClientReferenceId(user)
            .setSuccessUrl(config.returnUrl())
            .setCancelUrl(config.returnUrl())
            .addLineItem(LineItem.builder().setPrice(plan.price()).setQuantity(1L).build());
    if (plan.metered() != null) {
      params.addLineItem(LineItem.builder().setPrice(plan.metered()).build());
    }
    if (config.tax()) {
      params
          .setAutomaticTax(SessionCreateParams.AutomaticTax.builder().setEnabled(true).build())
          .setTaxIdCollection(
              SessionCreateParams.TaxIdCollection.builder().setEnabled(true).build())
          .setCustomerUpdate(
              SessionCreateParams.CustomerUpdate.builder()
                  .setAddress(SessionCreateParams.CustomerUpdate.Address.AUTO)
                  .setName(SessionCreateParams.CustomerUpdate.Name.AUTO)
                  .build());
    }
    try {
      return client
          .v1()
          .checkout()
          .sessions()
          .create(params.build(), once(idempotencyKey))
          .getUrl();
    } catch (StripeException | RuntimeException e) {
      throw problem(e);
    }
  }

  /** The address of the page where a customer changes the card, the plan, or ends it. */
  String portal(String customer) throws StripeProblem {
    var params =
        com.stripe.param.billingportal.SessionCreateParams.builder()
            .setCustomer(customer)
            .setReturnUrl(config.returnUrl())
            .build();
    try {
      return client.v1().billingPortal().sessions().create(params).getUrl();
    } catch (StripeException | RuntimeException e) {
      throw problem(e);
    }
  }

  /**
   * Reports calls, once for each identifier. It has no idempotency key of its own: Stripe would
   * keep a failure under it.
   */
  void report(String meter, String customer, long calls, Instant at, String identifier)
      throws StripeProblem {
    MeterEventCreateParams params =
        MeterEventCreateParams.builder()
            .setEventName(meter)
            .setIdentifier(identifier)
            .setTimestamp(at.getEpochSecond())
            .putPayload("stripe_customer_id", customer)
            .putPayload("value", Long.toString(calls))
            .build();
    try {
      client.v1().billing().meterEvents().create(params);
    } catch (StripeException e) {
      String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      boolean known = message.contains("already exists") && message.contains("identifier");
      if (!known) { // Else another origin has reported it, and died before it said so.
        throw problem(e);
      }
    }
  }

  /** How many calls of a customer Stripe has counted between two hours. */
  long counted(String meter, String customer, Instant from, Instant to) throws StripeProblem {
    MeterEventSummaryListParams params =
        MeterEventSummaryListParams.builder()
            .setCustomer(customer)
            .setStartTime(from.getEpochSecond())
            .setEndTime(to.getEpochSecond())
            .build();
    try {
      long sum = 0;
      for (var each :
          client
              .v1()
              .billing()
              .meters()
              .eventSummaries()
              .list(meterId(meter), params)
              .autoPagingIterable()) {
        sum += each.getAggregatedValue().longValueExact();
      }
      return sum;
    } catch (StripeException | RuntimeException e) {
      throw problem(e);
    }
  }

  private String meterId(String eventName) throws StripeException, StripeProblem {
    MeterListParams active =
        MeterListParams.builder().setStatus(MeterListParams.Status.ACTIVE).setLimit(PAGE).build();
    for (Meter each : client.v1().billing().meters().list(active).autoPagingIterable()) {
      if (each.getEventName().equals(eventName)) {
        return each.getId();
      }
    }
    throw new StripeProblem("Stripe has no active meter " + eventName, null, false);
  }

  private static RequestOptions once(String idempotencyKey) {
    return RequestOptions.builder().setIdempotencyKey(idempotencyKey).build();
  }

  /** The library hides what befalls a further page of a list in a cause. */
  static StripeProblem problem(Exception thrown) {
    Throwable failure = thrown.getCause() instanceof StripeException ? thrown.getCause() : thrown;
    if (!(failure instanceof StripeException e)) {
      throw new IllegalStateException("Stripe's library failed", thrown);
    }
    @Nullable Integer status = e.getStatusCode();
    boolean passing =
        e instanceof ApiConnectionException
            || status == null
            || status >= 500
            || status == TOO_MANY
            || status == 409;
    String told =
        e instanceof ApiConnectionException || status == null
            ? "Stripe does not answer"
            : "Stripe answers %d%s, request %s"
                .formatted(
                    status,
                    e.getCode() == null ? "" : " " + e.getCode(),
                    e.getRequestId() == null ? "unknown" : e.getRequestId());
    return new StripeProblem(told, e.getCode(), passing);
  }
}
