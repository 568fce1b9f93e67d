/** `billing`: plans that people pay for by Stripe. */
@NullMarked
package com.mcpist.cli.billing;

import org.jspecify.annotations.NullMarked;
