package com.mcpist.origin.billing;

import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.admin.AdminProblem;
import com.mcpist.origin.mcp.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** The tools by which a user sees and buys a plan, where they are on. */
public final class BillingModule implements Module {
  private static final String SHOW =
      """
      select coalesce((select plan from account where user_id = :user), 'standard'),
        (select status from billing_subscription where user_id = :user and status <> 'gone'
          order by plan is null, id desc limit 1)
      """;

  private final BillingConfig config;
  private final Billing billing;
  private final Pages pages = new Pages(System::nanoTime);

  public BillingModule(BillingConfig config, Billing billing) {
    this.config = config;
    this.billing = billing;
  }

  @Override
  public String name() {
    return "plan";
  }

  @Override
  public List<Tool> tools() {
    return List.of(
        Tool.of(BillingModule.class, "plan_show", Effect.READS, this::show),
        Tool.of(
            BillingModule.class, "plan_upgrade", Effect.ACTS_OUTSIDE_IDEMPOTENTLY, this::upgrade));
  }

  private ToolResult show(ToolCall call) {
    ObjectNode shown =
        call.database()
            .createQuery(SHOW)
            .bind("user", call.attempt().key().user())
            .map(
                (row, _) ->
                    Json.object()
                        .put("plan", row.getString(1))
                        .put("subscription", row.getString(2)))
            .one();
    var sold = shown.putArray("sold");
    config.planNames().forEach(sold::add);
    String status = shown.path("subscription").asString("none");
    return ToolResult.of(
        shown,
        "The plan is %s; the subscription: %s. There are: %s."
            .formatted(
                shown.path("plan").asString(), status, String.join(", ", config.planNames())));
  }

  private ToolResult upgrade(ToolCall call) throws ToolException {
    var key = call.attempt().key();
    String name = "%s %s %d %b".formatted(key.user(), key.id(), key.index(), key.fromClient());
    UUID id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
    String plan = call.arguments().path("plan").asString("");
    try {
      String url =
          pages.get(
              key.user() + " " + plan,
              () -> billing.link(key.user(), plan, id.toString()).path("url").asString());
      return ToolResult.of(
          Json.object().put("url", url),
          "Give this link to the person you work for, who buys or changes the plan there: " + url);
    } catch (AdminProblem e) {
      throw ToolException.again(String.valueOf(e.getMessage()));
    }
  }
}
