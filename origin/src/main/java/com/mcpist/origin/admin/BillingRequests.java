package com.mcpist.origin.admin;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** {@code desk}: null: nothing is sold here. */
record BillingRequests(@Nullable BillingDesk desk) {
  AdminReply run(AdminRequest request) throws AdminProblem {
    if (!request.one()) {
      throw AdminProblem.notFound();
    }
    request.only("POST");
    if (desk == null) {
      throw AdminProblem.badRequest(
          "Nothing is sold here: the origins need billing in mcpist.yml, and STRIPE_SECRET_KEY.");
    }
    Fields fields = Fields.of(request.body());
    return switch (request.name()) {
      case "link" -> {
        String user = Plans.user("user", fields.text("user", Fields.SHORT));
        String plan = fields.text("plan", Fields.SHORT);
        String id = Fields.uuid("id", fields.text("id", Fields.SHORT)).toString();
        fields.end();
        yield AdminReply.ok(desk.link(user, plan, id));
      }
      case "portal" -> {
        String user = Plans.user("user", fields.text("user", Fields.SHORT));
        fields.end();
        yield AdminReply.ok(desk.portal(user));
      }
      case "check" -> {
        String url = fields.text("url", Fields.LONG);
        fields.end();
        yield AdminReply.ok(desk.check(url));
      }
      case "reconcile" -> {
        boolean fix = fields.has("fix") && fields.text("fix", Fields.SHORT).equals("yes");
        String after = fields.text("after", Fields.SHORT);
        @Nullable LocalDate month = month(fields.textIfAny("month", Fields.SHORT));
        fields.end();
        yield AdminReply.ok(desk.reconcile(fix, after, month));
      }
      default -> throw AdminProblem.notFound();
    };
  }

  private static @Nullable LocalDate month(@Nullable String text) throws AdminProblem {
    try {
      return text == null ? null : LocalDate.parse(text + "-01");
    } catch (DateTimeParseException e) {
      throw AdminProblem.badRequest("month must be a month, as 2027-01.");
    }
  }
}
