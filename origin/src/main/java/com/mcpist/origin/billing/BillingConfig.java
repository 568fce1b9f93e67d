package com.mcpist.origin.billing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is sold, and how Stripe is reached. Plans are in order: of two that are paid, the later one
 * counts. {@code key}: empty: nobody pays here; {@code webhookSecrets}: each is good, for as long
 * as they are rotated; {@code api}: instead of Stripe's own address. Prints without secrets.
 */
public record BillingConfig(
    List<Sold> plans,
    String free,
    Duration grace,
    String returnUrl,
    boolean tax,
    boolean tools,
    @Nullable String meter,
    String key,
    List<String> webhookSecrets,
    Optional<String> api) {
  public static final BillingConfig NONE =
      new BillingConfig(
          List.of(), "", Duration.ZERO, "", false, false, null, "", List.of(), Optional.empty());

  private static final Set<String> FIELDS =
      Set.of("plans", "free", "graceDays", "returnUrl", "tax", "tools", "meter", "metered");

  /** {@code metered}: the price of its calls, where they are paid beside the plan. */
  public record Sold(String plan, String price, @Nullable String metered) {}

  /** Whether anything is sold, if perhaps without a key yet. */
  public boolean configured() {
    return !plans.isEmpty();
  }

  public boolean on() {
    return configured() && !key.isEmpty();
  }

  /** Whether calls are paid. */
  public boolean metered() {
    return on() && meter != null;
  }

  boolean live() {
    return key.startsWith("_live_", 2);
  }

  List<String> planNames() {
    return plans.stream().map(Sold::plan).toList();
  }

  Optional<Sold> sold(String plan) {
    return plans.stream().filter(each -> each.plan().equals(plan)).findFirst();
  }

  /**
   * As mcpist.yml's {@code billing} comes: {@code {"plans": {name: price}, "metered": {name:
   * price}, "meter", "free", "graceDays", "returnUrl", "tax", "tools"}}.
   *
   * @throws IllegalArgumentException it is not so; the message goes on from "BILLING"
   */
  public static BillingConfig parse(
      String json, String key, List<String> webhookSecrets, Optional<String> api) {
    try {
      JsonNode config = JsonMapper.shared().readTree(json);
      if (!FIELDS.containsAll(config.propertyNames())) {
        throw new IllegalArgumentException("unknown field");
      }
      JsonNode metered = config.path("metered");
      List<Sold> plans = new ArrayList<>();
      for (Map.Entry<String, JsonNode> plan : config.required("plans").properties()) {
        JsonNode price = metered.path(plan.getKey());
        plans.add(
            new Sold(
                plan.getKey(),
                plan.getValue().stringValue(),
                price.isMissingNode() ? null : price.stringValue()));
      }
      JsonNode meter = config.path("meter");
      return new BillingConfig(
          List.copyOf(plans),
          config.required("free").stringValue(),
          Duration.ofDays(config.required("graceDays").intValue()),
          config.required("returnUrl").stringValue(),
          config.path("tax").asBoolean(false),
          config.path("tools").asBoolean(false),
          meter.isMissingNode() ? null : meter.stringValue(),
          key,
          webhookSecrets,
          api);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "must be as `billing` of mcpist.yml makes it: {\"plans\": {name: price}, \"free\","
              + " \"graceDays\", \"returnUrl\"}",
          e);
    }
  }

  /**
   * Whether such a key may be used in this environment; else why not, as it goes on from
   * "STRIPE_SECRET_KEY".
   */
  public static Optional<String> problem(String key, String environment) {
    if (!key.matches("(sk|rk)_(test|live)_[A-Za-z0-9_]+")) {
      return Optional.of("must be a secret or restricted key of Stripe: sk_… or rk_…");
    }
    boolean live = key.startsWith("_live_", 2);
    boolean production = environment.startsWith("production");
    if (live == production) {
      return Optional.empty();
    }
    return Optional.of(
        live
            ? "is a live key, and ENVIRONMENT is not production: people would pay for a test. Set a"
                + " test key"
            : "is a test key, and ENVIRONMENT is production: nobody would pay. Set a live key, or,"
                + " to try it, another ENVIRONMENT");
  }

  /** What is wrong with the settings, where something is sold. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (configured() && key.isEmpty()) {
      problems.add("billing: STRIPE_SECRET_KEY is not set");
    }
    if (configured() && webhookSecrets.isEmpty()) {
      problems.add("billing: STRIPE_WEBHOOK_SECRET is not set");
    }
    return problems;
  }

  @Override
  public String toString() {
    return "BillingConfig[" + plans + "]";
  }
}
