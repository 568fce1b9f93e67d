package com.mcpist.origin.admin;

import com.mcpist.origin.auth.Access;
import com.mcpist.origin.limits.Plan;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What can be done with plans, and with who has which. */
final class PlanActions {
  private static final int MOST_PER_MINUTE = 1_000_000;
  private static final int MOST_AT_ONCE = 10_000;
  private static final int MOST_MIB = 1_000_000;
  private static final int MOST_USERS = 1_000;
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
  private static final String NAME_FORM =
      "must be 1 to 63 lower-case letters, digits, - and _, the first a letter or a digit";

  private final AdminTransactions transactions;

  PlanActions(AdminTransactions transactions) {
    this.transactions = transactions;
  }

  private record All(List<Plan> plans, List<PlanStore.User> users, long inAll) {}

  AdminReply plans(AdminRequest request) throws AdminProblem {
    if (request.one()) {
      return put(request);
    }
    request.only("GET");
    int limit = request.limit() == null ? MOST_USERS : request.limit(MOST_USERS);
    String after = request.after() == null ? "" : user("after", request.after());
    All all =
        transactions.run(
            h ->
                new All(
                    PlanStore.plans(h), PlanStore.users(h, limit, after), PlanStore.countUsers(h)));
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ArrayNode plans = body.putArray("plans");
    all.plans().forEach(plan -> plans.add(json(plan)));
    ArrayNode users = body.putArray("users");
    all.users().forEach(user -> users.add(json(user)));
    body.put("totalUsers", all.inAll());
    return AdminReply.ok(body);
  }

  private AdminReply put(AdminRequest request) throws AdminProblem {
    request.only("PUT");
    String name = request.name();
    if (!NAME.matcher(name).matches()) {
      throw AdminProblem.badRequest("A plan's name " + NAME_FORM + ".");
    }
    Fields fields = Fields.of(request.body());
    int perMinute = fields.number("callsPerMinute", 1, MOST_PER_MINUTE);
    int atOnce = fields.number("callsAtOnce", 1, MOST_AT_ONCE);
    // A command line from before there was this limit does not name it.
    Optional<Integer> mib =
        fields.has("storageMib")
            ? Optional.of(fields.number("storageMib", 1, MOST_MIB))
            : Optional.empty();
    fields.end();
    Plan stored = transactions.run(h -> PlanStore.put(h, name, perMinute, atOnce, mib));
    return AdminReply.ok(json(stored));
  }

  AdminReply users(AdminRequest request) throws AdminProblem {
    if (!request.one()) {
      return storage(request);
    }
    request.only("PUT");
    String name = user("A user", request.name());
    Fields fields = Fields.of(request.body());
    PlanStore.User user = new PlanStore.User(name, fields.matching("plan", NAME, NAME_FORM));
    fields.end();
    Optional<PlanStore.User> stored = transactions.run(h -> PlanStore.put(h, user));
    return AdminReply.ok(
        json(stored.orElseThrow(() -> AdminProblem.noSuch("plan " + user.plan()))));
  }

  private record Used(List<PlanStore.Storage> users, long inAll) {}

  private AdminReply storage(AdminRequest request) throws AdminProblem {
    request.only("GET");
    int limit = request.limit() == null ? MOST_USERS : request.limit(MOST_USERS);
    Used used =
        transactions.run(h -> new Used(PlanStore.storage(h, limit), PlanStore.countStorage(h)));
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ArrayNode users = body.putArray("users");
    used.users().forEach(one -> users.add(json(one.user()).put("storedBytes", one.bytes())));
    return AdminReply.ok(body.put("totalUsers", used.inAll()));
  }

  private static String user(String what, String name) throws AdminProblem {
    if (!Access.USER.matcher(name).matches() || name.startsWith(Access.KEY_USER)) {
      throw AdminProblem.badRequest(
          what + " must be 1 to 255 visible ASCII characters, not beginning with key:.");
    }
    return name;
  }

  private static ObjectNode json(Plan plan) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("name", plan.name())
        .put("callsPerMinute", plan.callsPerMinute())
        .put("callsAtOnce", plan.callsAtOnce())
        .put("storageMib", plan.storageMib());
  }

  private static ObjectNode json(PlanStore.User user) {
    return JsonNodeFactory.instance.objectNode().put("user", user.name()).put("plan", user.plan());
  }
}
