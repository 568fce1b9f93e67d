package com.mcpist.origin.billing;

import com.mcpist.origin.billing.BillingConfig.Sold;
import com.mcpist.origin.mcp.Json;
import com.stripe.StripeClient;
import com.stripe.exception.StripeException;
import com.stripe.model.Price;
import com.stripe.model.Product;
import com.stripe.model.WebhookEndpoint;
import com.stripe.net.RequestOptions;
import com.stripe.param.PriceCreateParams;
import com.stripe.param.PriceListParams;
import com.stripe.param.ProductCreateParams;
import com.stripe.param.WebhookEndpointCreateParams;
import com.stripe.param.WebhookEndpointCreateParams.EnabledEvent;
import com.stripe.param.WebhookEndpointListParams;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an account at Stripe must have, and what of that it has. As a program, without an origin, it
 * makes what is missing: with STRIPE_SECRET_KEY, and {@code {"plans": {name: {"amount", "currency",
 * "interval"}}, "url"}} on standard input. Prints {@code {"ok": true, "plans": {name: price},
 * "webhookSecret"}}, or {@code {"ok": false, "problem"}}.
 */
public final class StripeSetup {
  private static final long PAGE = 100;

  private final StripeClient client;

  StripeSetup(StripeClient client) {
    this.client = client;
  }

  public static void main(String[] arguments) throws IOException {
    PrintStream out = System.out;
    System.setOut(System.err); // The log's.
    ObjectNode told;
    try {
      Map<String, String> environment = System.getenv();
      JsonNode wanted = JsonMapper.shared().readTree(System.in.readAllBytes());
      StripeClient client =
          StripeAccount.client(
              environment.getOrDefault("STRIPE_SECRET_KEY", ""),
              Optional.ofNullable(environment.get("STRIPE_API_URL")));
      told = new StripeSetup(client).make(wanted);
    } catch (StripeException e) {
      told = Json.object().put("ok", false).put("problem", StripeAccount.problem(e).getMessage());
    }
    out.println(told);
    out.flush();
    System.exit(told.path("ok").asBoolean() ? 0 : 1);
  }

  ObjectNode make(JsonNode wanted) throws StripeException {
    ObjectNode made = Json.object().put("ok", true);
    ObjectNode plans = made.putObject("plans");
    for (Map.Entry<String, JsonNode> plan : wanted.path("plans").properties()) {
      plans.put(plan.getKey(), price(plan.getKey(), plan.getValue()));
    }
    String url = wanted.path("url").asString("");
    if (!url.isEmpty() && endpoint(url).isEmpty()) {
      made.put("webhookSecret", makeEndpoint(url));
    }
    return made;
  }

  /** The price of a plan, which is there already where a run before has made it. */
  private String price(String plan, JsonNode wanted) throws StripeException {
    long amount = wanted.path("amount").asLong();
    String currency = wanted.path("currency").asString("");
    String interval = wanted.path("interval").asString("");
    String key = "mcpist_%s_%d%s_%s".formatted(plan, amount, currency, interval);
    PriceListParams known =
        PriceListParams.builder().addLookupKey(key).setActive(true).setLimit(1L).build();
    for (Price each : client.v1().prices().list(known).getData()) {
      if (key.equals(each.getLookupKey())) {
        return each.getId();
      }
    }
    Product product =
        client
            .v1()
            .products()
            .create(
                ProductCreateParams.builder()
                    .setName(plan)
                    .putMetadata("mcpist_plan", plan)
                    .build(),
                once("product " + key));
    PriceCreateParams params =
        PriceCreateParams.builder()
            .setProduct(product.getId())
            .setCurrency(currency)
            .setUnitAmount(amount)
            .setLookupKey(key)
            .setRecurring(
                PriceCreateParams.Recurring.builder()
                    .setInterval(
                        PriceCreateParams.Recurring.Interval.valueOf(
                            interval.toUpperCase(Locale.ROOT)))
                    .build())
            .build();
    return client.v1().prices().create(params, once("price " + key)).getId();
  }

  private static RequestOptions once(String key) {
    return RequestOptions.builder().setIdempotencyKey("mcpist " + key).build();
  }

  private Optional<WebhookEndpoint> endpoint(String url) throws StripeException {
    WebhookEndpointListParams all = WebhookEndpointListParams.builder().setLimit(PAGE).build();
    for (WebhookEndpoint each : client.v1().webhookEndpoints().list(all).autoPagingIterable()) {
      if (url.equals(each.getUrl())) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** Its secret is told this once. */
  private String makeEndpoint(String url) throws StripeException {
    List<EnabledEvent> events =
        Arrays.stream(EnabledEvent.values())
            .filter(each -> StripeEvent.KNOWN.contains(each.getValue()))
            .toList();
    WebhookEndpointCreateParams params =
        WebhookEndpointCreateParams.builder()
            .setUrl(url)
            .setDescription("MCPist")
            .addAllEnabledEvent(events)
            .build();
    return client.v1().webhookEndpoints().create(params).getSecret();
  }

  /** As doctor tells it: {@code {"grade", "subject", "seen", "advice"}}; empty url: none. */
  List<ObjectNode> check(BillingConfig config, String url) throws StripeProblem {
    try {
      return look(config, url);
    } catch (StripeException e) {
      throw StripeAccount.problem(e);
    }
  }

  private List<ObjectNode> look(BillingConfig config, String url) throws StripeException {
    List<ObjectNode> found = new ArrayList<>();
    Set<String> currencies = new TreeSet<>();
    for (Sold sold : config.plans()) {
      checkPrice(sold.plan(), sold.price(), false, currencies, found);
      @Nullable String metered = sold.metered();
      if (metered != null) {
        checkPrice(sold.plan() + "'s calls", metered, true, currencies, found);
      }
    }
    if (currencies.size() > 1) {
      found.add(
          finding(
              "weak",
              "currencies",
              String.join(", ", currencies),
              "Stripe lets a customer change only to a plan of the same currency: use one"));
    }
    if (!url.isEmpty()) {
      found.add(checkEndpoint(url));
    }
    return found;
  }

  private void checkPrice(
      String what, String id, boolean metered, Set<String> currencies, List<ObjectNode> found)
      throws StripeException {
    String subject = "price of " + what;
    Price price;
    try {
      price = client.v1().prices().retrieve(id);
    } catch (StripeException e) {
      if (!"resource_missing".equals(e.getCode())) {
        throw e;
      }
      String advice = "Make it, and write its id into billing: mcpist billing init";
      found.add(finding("bad", subject, "Stripe has no " + id, advice));
      return;
    }
    currencies.add(price.getCurrency());
    boolean byUse =
        price.getRecurring() != null && "metered".equals(price.getRecurring().getUsageType());
    if (!Boolean.TRUE.equals(price.getActive())) {
      found.add(finding("bad", subject, id + " is archived", "Take another, or restore it"));
    } else if (price.getRecurring() == null || byUse != metered) {
      String wanted = metered ? "by use" : "at fixed times";
      found.add(finding("bad", subject, id + " is not paid " + wanted, "Take one that is"));
    } else {
      String seen =
          byUse
              ? "%s, by use".formatted(price.getCurrency())
              : "%s %s a %s"
                  .formatted(
                      price.getUnitAmount(),
                      price.getCurrency(),
                      price.getRecurring().getInterval());
      found.add(finding("good", subject, seen, ""));
    }
  }

  private ObjectNode checkEndpoint(String url) throws StripeException {
    String subject = "Stripe's webhook";
    Optional<WebhookEndpoint> endpoint = endpoint(url);
    if (endpoint.isEmpty()) {
      return finding("bad", subject, "there is none for " + url, "Make it: mcpist billing init");
    }
    if (!"enabled".equals(endpoint.get().getStatus())) {
      return finding("bad", subject, url + " is disabled", "Enable it in Stripe's Dashboard");
    }
    Set<String> missing = new TreeSet<>(StripeEvent.KNOWN);
    List<String> told = endpoint.get().getEnabledEvents();
    missing.removeAll(told);
    return missing.isEmpty() || told.contains("*")
        ? finding("good", subject, "is told all events", "")
        : finding(
            "bad",
            subject,
            "is not told " + String.join(", ", missing),
            "Add these events to it in Stripe's Dashboard");
  }

  private static ObjectNode finding(String grade, String subject, String seen, String advice) {
    return Json.object()
        .put("grade", grade)
        .put("subject", subject)
        .put("seen", seen)
        .put("advice", advice);
  }
}
