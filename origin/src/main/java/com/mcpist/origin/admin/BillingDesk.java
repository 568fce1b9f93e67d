package com.mcpist.origin.admin;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What can be asked of those who pay; each blocks for some seconds at most. */
public interface BillingDesk {
  /**
   * {@code {"url", "page", "plan"}}: where the user buys the plan, or, who pays already, changes
   * it. The id is the request's: again it is the same page.
   */
  ObjectNode link(String user, String plan, String id) throws AdminProblem;

  /** {@code {"url", "page"}}: where the user changes the card or the plan, or ends it. */
  ObjectNode portal(String user) throws AdminProblem;

  /** {@code {"findings": [{"grade", "subject", "seen", "advice"}]}}: what the account lacks. */
  ObjectNode check(String webhookUrl) throws AdminProblem;

  /**
   * Compares some customers after that one with Stripe: {@code {"customers", "differences",
   * "calls", "next"}}. Calls are those of the month, where it is given.
   */
  ObjectNode reconcile(boolean fix, String after, @Nullable LocalDate month) throws AdminProblem;
}
