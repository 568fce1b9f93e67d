package com.mcpist.origin.admin;

import com.mcpist.origin.limits.Plan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** The statements of plans, and of who has which. */
final class PlanStore {
  /** Who was given the plan of everybody once more has a row, and no plan of its own. */
  private static final String OTHERS = " from account where plan <> :standard";

  private static final String PLAN = "name, calls_per_minute, calls_at_once, storage_mib";

  /** Who has which plan. */
  record User(String name, String plan) {}

  /** How much a user has stored. */
  record Storage(User user, long bytes) {}

  private PlanStore() {}

  static List<Plan> plans(Handle handle) {
    return handle
        .createQuery("select " + PLAN + " from plan order by name")
        .map(PlanStore::plan)
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

  /** Those who have stored something, who has stored most first. */
  static List<Storage> storage(Handle handle, int limit) {
    return handle
        .createQuery(
            """
            select user_id, coalesce(plan, :standard), bytes
            from (select user_id, sum(bytes)::bigint as bytes from stored group by user_id) as used
              left join account using (user_id)
            where bytes > 0
            order by bytes desc, user_id limit :limit
            """)
        .bind("standard", Plan.STANDARD.name())
        .bind("limit", limit)
        .map(
            (row, context) ->
                new Storage(new User(row.getString(1), row.getString(2)), row.getLong(3)))
        .list();
  }

  /** How many those are. */
  static long countStorage(Handle handle) {
    return handle
        .createQuery(
            """
            select count(*) from
              (select from stored group by user_id having sum(bytes) > 0) as used
            """)
        .mapTo(Long.class)
        .one();
  }

  /**
   * Makes a plan or changes it.
   *
   * @param storageMib empty: as it was
   */
  static Plan put(
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
        .bind("usual", Plan.STANDARD.storageMib())
        .map(PlanStore::plan)
        .one();
  }

  private static Plan plan(ResultSet row, StatementContext context) throws SQLException {
    return new Plan(row.getString(1), row.getInt(2), row.getInt(3), row.getInt(4));
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
