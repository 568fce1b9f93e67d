package com.mcpist.origin.admin;

import com.mcpist.origin.limits.Plan;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The statements of plans, and of who has which. */
final class PlanStore {
  /** Who was given the plan of everybody once more has a row, and no plan of its own. */
  private static final String OTHERS = " from account where plan <> :standard";

  /** Who has which plan. */
  record User(String name, String plan) {}

  private PlanStore() {}

  static List<Plan> plans(Handle handle) {
    return handle
        .createQuery("select name, calls_per_minute, calls_at_once from plan order by name")
        .map((row, context) -> new Plan(row.getString(1), row.getInt(2), row.getInt(3)))
        .list();
  }

  /**
   * Those that have another plan than the standard one, by name.
   *
   * @param after the last user of the page before; empty: the first page
   */
  static List<User> users(Handle handle, int limit, String after) {
    return handle
        .createQuery(
            "select user_id, plan" + OTHERS + " and user_id > :after order by user_id limit :limit")
        .bind("limit", limit)
        .bind("after", after)
        .bind("standard", Plan.STANDARD.name())
        .map((row, context) -> new User(row.getString(1), row.getString(2)))
        .list();
  }

  /** How many those are. */
  static long countUsers(Handle handle) {
    return handle
        .createQuery("select count(*)" + OTHERS)
        .bind("standard", Plan.STANDARD.name())
        .mapTo(Long.class)
        .one();
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
