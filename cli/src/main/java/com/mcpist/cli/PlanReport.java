package com.mcpist.cli;

import com.mcpist.deploy.plan.Plan;
import com.mcpist.deploy.release.Order;
import java.util.List;

/** What would be done. */
final class PlanReport {
  private PlanReport() {}

  static String text(Plan plan, Order order) {
    if (plan.isEmpty()) {
      return "Nothing to do: the origins run " + order.image() + " already.\n";
    }
    StringBuilder text =
        new StringBuilder("\nThis is what would be done with " + order.image() + ":\n");
    int step = 1;
    for (List<String> stage : plan.stages()) {
      text.append("  ").append(step++).append(". deploy to ").append(String.join(" and ", stage));
      text.append(order.verify() ? ", and verify\n" : "\n");
    }
    return text.append("Nothing has been changed.\n").toString();
  }
}
