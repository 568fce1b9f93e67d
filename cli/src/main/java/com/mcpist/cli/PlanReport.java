package com.mcpist.cli;

import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Plan;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

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
      text.append(order.terms().verify() ? ", and verify\n" : "\n");
    }
    return text.append("Nothing has been changed.\n").toString();
  }

  static String json(Plan plan, Order order, Map<String, List<String>> calls) {
    ObjectNode json =
        JsonMapper.shared()
            .createObjectNode()
            .put("image", order.image().toString())
            .put("release", order.release());
    ArrayNode stages = json.putArray("stages");
    for (List<String> stage : plan.stages()) {
      stage.forEach(stages.addArray()::add);
    }
    ObjectNode byOrigin = json.putObject("calls");
    for (String origin : plan.origins()) {
      calls.getOrDefault(origin, List.of()).forEach(byOrigin.putArray(origin)::add);
    }
    return json.toString();
  }
}
