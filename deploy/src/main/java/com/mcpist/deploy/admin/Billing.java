package com.mcpist.deploy.admin;

import module java.base;

import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.time.Deadline;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The billing calls of the origins' admin path. */
public record Billing(AdminPath admin) {
  private static final String PATH = "/api/admin/billing/";

  /** A page at Stripe; {@code page} is {@code checkout} or {@code portal}. */
  public record Link(String url, String page) {}

  /** A part of the customers. {@code next} is empty if these were the last. */
  public record Part(
      int customers, List<Difference> differences, List<Calls> calls, Optional<String> next) {}

  public record Difference(
      String user, String customer, String plan, String byStripe, boolean mended) {}

  /** The calls of a customer in a month, as they were reported and as Stripe has counted them. */
  public record Calls(String customer, long reported, long byStripe) {}

  public record Finding(String grade, String subject, String seen, String advice) {}

  private record Findings(List<Finding> findings) {}

  /** Returns the page at which a user buys a plan or changes the paid one. */
  public Link link(String user, String plan, Deadline deadline) throws InterruptedException {
    ObjectNode body =
        Call.object().put("user", user).put("plan", plan).put("id", UUID.randomUUID().toString());
    return ask("link", "ask for a page at Stripe", body, Link.class, deadline);
  }

  public Link portal(String user, Deadline deadline) throws InterruptedException {
    ObjectNode body = Call.object().put("user", user);
    return ask("portal", "ask for a page at Stripe", body, Link.class, deadline);
  }

  public Part reconcile(boolean fix, String after, Optional<String> month, Deadline deadline)
      throws InterruptedException {
    ObjectNode body =
        Call.object()
            .put("fix", fix ? "yes" : "no")
            .put("after", after)
            .put("month", month.orElse(null));
    return ask("reconcile", "compare the plans with Stripe", body, Part.class, deadline);
  }

  /** Returns what the account at Stripe lacks. */
  public List<Finding> check(String webhookUrl, Deadline deadline) throws InterruptedException {
    ObjectNode body = Call.object().put("url", webhookUrl);
    return ask("check", "look at the account at Stripe", body, Findings.class, deadline).findings();
  }

  private <T> T ask(String what, String name, JsonNode body, Class<T> type, Deadline deadline)
      throws InterruptedException {
    Call call = Call.change(name, "POST", PATH + what, body).asRepeatable();
    return AdminPath.read(admin.send(call, deadline).body(), type, name);
  }
}
