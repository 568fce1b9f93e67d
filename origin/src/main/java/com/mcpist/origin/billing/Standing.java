package com.mcpist.origin.billing;

import com.mcpist.origin.billing.BillingConfig.Sold;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription gives. {@code plan}: null: nothing; {@code until}: the end of the grace
 * period, null: it has no end.
 */
record Standing(
    String subscription,
    String status,
    @Nullable String plan,
    @Nullable Instant until,
    boolean metered) {

  /** A subscription as Stripe has it now; {@code unpaidSince}: of its oldest open invoice. */
  record Subscribed(String id, String status, List<String> prices, @Nullable Instant unpaidSince) {

    /** Whether it has no price that is sold here, though it would give a plan. */
    boolean unknown(BillingConfig config) {
      return Standing.sold(this, config).isEmpty()
          && List.of("active", "trialing", "past_due").contains(status);
    }
  }

  /** By Stripe's word alone, so that it is the same in whatever order events come. Pure. */
  static Standing of(Subscribed subscribed, BillingConfig config) {
    Optional<Sold> sold = sold(subscribed, config);
    Instant until =
        subscribed.status().equals("past_due")
            ? Optional.ofNullable(subscribed.unpaidSince())
                .orElse(Instant.EPOCH)
                .plus(config.grace())
            : null;
    boolean gives =
        switch (subscribed.status()) {
          case "active", "trialing", "past_due" -> true;
          default -> false; // incomplete, incomplete_expired, unpaid, paused, canceled
        };
    @Nullable String plan = gives ? sold.map(Sold::plan).orElse(null) : null;
    boolean metered =
        plan != null && sold.map(Sold::metered).filter(subscribed.prices()::contains).isPresent();
    return new Standing(subscribed.id(), subscribed.status(), plan, until, metered);
  }

  /** Of several the last in the order of plans. */
  private static Optional<Sold> sold(Subscribed subscribed, BillingConfig config) {
    return config.plans().stream()
        .filter(each -> subscribed.prices().contains(each.price()))
        .reduce((_, later) -> later);
  }
}
