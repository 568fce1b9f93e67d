package com.mcpist.origin.admin;

import com.mcpist.origin.limits.Plan;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The statements of plans, and of who has which. */
final class PlanStore {
  private static final int MOST_USERS = 1_000;

  /** Who has which plan. */
  record User(String name, String plan) {}

  private PlanStore() {}

  static List<Plan> plans(Handle handle) {
    return handle
        .createQuery("select name, calls_per_minute, calls_at_once from plan order by name")
        .map((row, context) -> new Plan(row.getString(1), row.getInt(2), row.getInt(3)))
        .list();
  }

  static List<User> users(Handle handle) {
    return handle
        .createQuery("select user_id, plan from account order by user_id limit :most")
        .bind("most", MOST_USERS)
        .map((row, context) -> new User(row.getString(1), row.getString(2)))
        .list();
  }

  static Plan put(Handle handle, Plan plan) {
    handle
        .createUpdate(
            """
            insert into plan (name, calls_per_minute, calls_at_once)
            values (:name, :minute, :once)
            on conflict (name) do update
              set calls_per_minute = excluded.calls_per_minute, calls_at_once = excluded.calls_at_once
            """)
        .bind("name", plan.name())
        .bind("minute", plan.callsPerMinute())
        .bind("once", plan.callsAtOnce())
        .execute();
    return plan;
  }

  /** Empty, and nothing stored, where there is no such plan. */
  static Optional<User> put(Handle handle, User user) {
    int stored =
        handle
            .createUpdate(
                """
                insert into account (user_id, plan)
                select :user, name from plan where name = :plan
                on conflict (user_id) do update set plan = excluded.plan
                """)
            .bind("user", user.name())
            .bind("plan", user.plan())
            .execute();
    return stored == 0 ? Optional.empty() : Optional.of(user);
  }
}
