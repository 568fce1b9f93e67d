package com.mcpist.origin.admin;

import com.mcpist.origin.auth.Access;
import com.mcpist.origin.limits.UserLimits;
import com.mcpist.origin.mcp.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

record Plans(AdminTransactions transactions) {
  private static final int MOST_PER_MINUTE = 1_000_000;
  private static final int MOST_AT_ONCE = 10_000;
  private static final int MOST_MIB = 1_000_000;
  private static final int MOST_USERS = 1_000;
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
  private static final String NAME_FORM =
      "must be 1 to 63 lower-case letters, digits, - and _, the first a letter or a digit";

  /** Who was given the plan of everybody once more has a row, and no plan of its own. */
  private static final String OTHERS = " from account where plan <> :standard";

  /** Who has stored something, and who has another plan than the standard one. */
  private static final String USED =
      """
       from (
        select user_id, sum(bytes)::bigint as bytes from stored
        group by user_id having sum(bytes) > 0
      ) as used
      full join (select user_id, plan from account where plan <> :standard) as planned
        using (user_id)
      """;

  /** The state of the subscription by which a user pays, or of the last one; null: none. */
  private static final String PAYS =
      """
      select status from billing_subscription s where s.user_id = coalesce(used.user_id, planned.user_id)
      order by s.plan is null, s.id desc limit 1\
      """;

  private static final String PLAN = "name, calls_per_minute, calls_at_once, storage_mib";

  AdminReply plans(AdminRequest request) throws AdminProblem {
    if (request.one()) {
      return put(request);
    }
    request.only("GET");
    int limit = request.limit() == null ? MOST_USERS : request.limit(MOST_USERS);
    String after = request.after() == null ? "" : user("after", request.after());
    return AdminReply.ok(
        transactions.run(
            h -> {
              ObjectNode body = Json.object();
              body.putArray("plans").addAll(plans(h));
              body.putArray("users").addAll(users(h, limit, after));
              return body.put("totalUsers", countUsers(h));
            }));
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
    return AdminReply.ok(transactions.run(h -> put(h, name, perMinute, atOnce, mib)));
  }

  AdminReply users(AdminRequest request) throws AdminProblem {
    if (!request.one()) {
      return storage(request);
    }
    request.only("PUT");
    String name = user("A user", request.name());
    Fields fields = Fields.of(request.body());
    String plan = fields.matching("plan", NAME, NAME_FORM);
    fields.end();
    if (transactions.run(h -> give(h, name, plan)) == 0) {
      throw AdminProblem.noSuch("plan " + plan);
    }
    return AdminReply.ok(withPlan(name, plan));
  }

  private AdminReply storage(AdminRequest request) throws AdminProblem {
    request.only("GET");
    int limit = request.limit() == null ? MOST_USERS : request.limit(MOST_USERS);
    return AdminReply.ok(
        transactions.run(
            h -> {
              ObjectNode body = Json.object();
              body.putArray("users").addAll(storage(h, limit));
              return body.put("totalUsers", countStorage(h));
            }));
  }

  static String user(String what, String name) throws AdminProblem {
    if (!Access.USER.matcher(name).matches() || name.startsWith(Access.KEY_USER)) {
      throw AdminProblem.badRequest(
          what + " must be 1 to 255 visible ASCII characters, not beginning with key:.");
    }
    return name;
  }

  private static ObjectNode withPlan(String user, String plan) {
    return Json.object().put("user", user).put("plan", plan);
  }

  private static List<ObjectNode> plans(Handle handle) {
    return handle
        .createQuery("select " + PLAN + " from plan order by name")
        .map(Plans::plan)
        .list();
  }

  /** Those that have another plan than the standard one, by name, after the page before. */
  private static List<ObjectNode> users(Handle handle, int limit, String after) {
    return handle
        .createQuery(
            "select user_id, plan" + OTHERS + " and user_id > :after order by user_id limit :limit")
        .bind("limit", limit)
        .bind("after", after)
        .bind("standard", UserLimits.Plan.STANDARD.name())
        .map((row, context) -> withPlan(row.getString(1), row.getString(2)))
        .list();
  }

  private static long countUsers(Handle handle) {
    return handle
        .createQuery("select count(*)" + OTHERS)
        .bind("standard", UserLimits.Plan.STANDARD.name())
        .mapTo(Long.class)
        .one();
  }

  private static List<ObjectNode> storage(Handle handle, int limit) {
    return handle
        .createQuery(
            "select user_id, coalesce(plan, :standard), coalesce(bytes, 0) as total, ("
                + PAYS
                + ")"
                + USED
                + "order by total desc, user_id limit :limit")
        .bind("standard", UserLimits.Plan.STANDARD.name())
        .bind("limit", limit)
        .map(
            (row, context) -> {
              ObjectNode user =
                  withPlan(row.getString(1), row.getString(2)).put("storedBytes", row.getLong(3));
              @Nullable String subscription = row.getString(4);
              return subscription == null ? user : user.put("subscription", subscription);
            })
        .list();
  }

  private static long countStorage(Handle handle) {
    return handle
        .createQuery("select count(*)" + USED)
        .bind("standard", UserLimits.Plan.STANDARD.name())
        .mapTo(Long.class)
        .one();
  }

  /** Makes a plan or changes it; without an amount of storage, that is as it was. */
  private static ObjectNode put(
      Handle handle, String name, int perMinute, int atOnce, Optional<Integer> storageMib) {
    return handle
        .createQuery(
            """
            insert into plan (name, calls_per_minute, calls_at_once, storage_mib)
            values (:name, :minute, :once, coalesce(:storage, :usual))
            on conflict (name) do update
              set calls_per_minute = excluded.calls_per_minute,
                calls_at_once = excluded.calls_at_once,
                storage_mib = coalesce(:storage, plan.storage_mib)
            returning \
            """
                + PLAN)
        .bind("name", name)
        .bind("minute", perMinute)
        .bind("once", atOnce)
        .bind("storage", storageMib)
        .bind("usual", UserLimits.Plan.STANDARD.storageMib())
        .map(Plans::plan)
        .one();
  }

  private static ObjectNode plan(ResultSet row, StatementContext context) throws SQLException {
    return Json.object()
        .put("name", row.getString(1))
        .put("callsPerMinute", row.getInt(2))
        .put("callsAtOnce", row.getInt(3))
        .put("storageMib", row.getInt(4));
  }

  /** How many rows it has stored: none where there is no such plan. */
  private static int give(Handle handle, String user, String plan) {
    return handle
        .createUpdate(
            """
            insert into account (user_id, plan)
            select :user, name from plan where name = :plan
            on conflict (user_id) do update set plan = excluded.plan
            """)
        .bind("user", user)
        .bind("plan", plan)
        .execute();
  }
}
