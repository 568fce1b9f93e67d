/**
 * Plans that people pay for by Stripe: what an event means, what is kept of who pays, and calls
 * that are reported. Only {@code StripeAccount} and {@code StripeSetup} know Stripe's library; they
 * are loaded where a key is set.
 */
@NullMarked
package com.mcpist.origin.billing;

import org.jspecify.annotations.NullMarked;
