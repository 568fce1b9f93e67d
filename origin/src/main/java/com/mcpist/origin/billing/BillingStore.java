package com.mcpist.origin.billing;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Who pays, in the database: each within a transaction of those who administer. Whoever writes has
 * {@link #lock}ed the user first, and touches rows after that.
 */
record BillingStore(BillingConfig config) {
  /** The last of the paid plans in order; without one, the plan of those who pay no more. */
  private static final String DUE =
      """
      select coalesce((
        select plan from billing_subscription s join billing_customer c on c.id = s.customer
        where c.user_id = :user and plan = any(:plans) and c.disputes = '{}'
          and (until is null or until > clock_timestamp())
        order by array_position(:plans, plan) desc limit 1), :free)
      """;

  /**
   * Where nothing was ever bought, the plan is what the operator has given. One whose first payment
   * failed was not bought.
   */
  private static final String BOUGHT =
      "select exists(select from billing_subscription"
          + " where user_id = :user and status not like 'incomplete%')";

  private static final String HAS =
      "select coalesce((select plan from account where user_id = :user), 'standard')";

  private static final String GIVE =
      """
      insert into account (user_id, plan) values (:user, :plan)
      on conflict (user_id) do update set plan = excluded.plan where account.plan <> excluded.plan
      """;

  private static final String KEEP =
      """
      insert into billing_subscription (id, customer, user_id, status, plan, until, metered)
      values (:id, :customer, :user, :status, :plan, cast(:until as timestamptz),
        :metered)
      on conflict (id) do update set customer = excluded.customer, user_id = excluded.user_id,
        status = excluded.status, plan = excluded.plan, until = excluded.until,
        metered = excluded.metered
      """;

  /** A customer as it is here; {@code version}: 0: not yet; {@code disputes}: those that count. */
  record Known(String customer, @Nullable String user, long version, List<String> disputes) {}

  /** A plan that has changed, or has not. */
  record Change(String user, String before, String after) {
    boolean differs() {
      return !before.equals(after);
    }
  }

  Known known(Handle handle, String customer) {
    return handle
        .createQuery("select user_id, version, disputes from billing_customer where id = :id")
        .bind("id", customer)
        .map(
            (row, _) ->
                new Known(
                    customer,
                    row.getString(1),
                    row.getLong(2),
                    List.of((String[]) row.getArray(3).getArray())))
        .findOne()
        .orElse(new Known(customer, null, 0, List.of()));
  }

  boolean handled(Handle handle, String event) {
    return handle
        .createQuery("select exists(select from billing_event where id = :id)")
        .bind("id", event)
        .mapTo(Boolean.class)
        .one();
  }

  /** False: it has had its effect. */
  boolean handle(Handle handle, StripeEvent event, String customer) {
    return handle
            .createUpdate(
                """
                insert into billing_event (id, type, customer) values (:id, :type, :customer)
                on conflict do nothing
                """)
            .bind("id", event.id())
            .bind("type", event.type())
            .bind("customer", customer)
            .execute()
        > 0;
  }

  /** False: somebody has changed it since, so what was asked of Stripe may be old. */
  boolean advance(Handle handle, Known known, String user) {
    String next =
        known.version() == 0
            ? "insert into billing_customer (id, user_id, version) values (:id, :user, 1)"
                + " on conflict do nothing"
            : "update billing_customer set version = version + 1 where id = :id"
                + " and version = :version and user_id = :user";
    var update = handle.createUpdate(next).bind("id", known.customer()).bind("user", user);
    if (known.version() > 0) {
      update.bind("version", known.version());
    }
    return update.execute() > 0;
  }

  /** One at a time for each user: two customers of one user would not see each other's. */
  void lock(Handle handle, String user) {
    handle
        .createQuery("select 1 from pg_advisory_xact_lock(hashtextextended(:name, 0))")
        .bind("name", "mcpist billing " + user)
        .mapTo(Integer.class)
        .one();
  }

  /**
   * Takes over what Stripe says of a customer, and gives the plan that follows. {@code disputes}:
   * for which there is none.
   */
  Change settle(
      Handle handle,
      String customer,
      String user,
      List<Standing> standings,
      List<String> disputes) {
    for (Standing each : standings) {
      @Nullable Instant until = each.until();
      handle
          .createUpdate(KEEP)
          .bind("id", each.subscription())
          .bind("customer", customer)
          .bind("user", user)
          .bind("status", each.status())
          .bind("plan", each.plan())
          .bind("until", until == null ? null : until.atOffset(ZoneOffset.UTC))
          .bind("metered", each.metered())
          .execute();
    }
    handle
        .createUpdate(
            """
            update billing_subscription set plan = null, until = null, metered = false,
              status = case when status like 'incomplete%' then 'incomplete_expired' else 'gone' end
            where customer = :customer and id <> all(:ids)
            """)
        .bind("customer", customer)
        .bindArray("ids", String.class, standings.stream().map(Standing::subscription).toList())
        .execute();
    handle
        .createUpdate(
            """
            update billing_subscription set plan = null, metered = false
            where customer = :customer and until <= clock_timestamp()
            """)
        .bind("customer", customer)
        .execute();
    handle
        .createUpdate(
            "update billing_customer set disputes = :disputes, deleted = deleted and :none"
                + " where id = :id")
        .bindArray("disputes", String.class, disputes)
        .bind("none", standings.isEmpty())
        .bind("id", customer)
        .execute();
    checked(handle, customer);
    return give(handle, user);
  }

  int checked(Handle handle, String customer) {
    return handle
        .createUpdate("update billing_customer set checked_at = clock_timestamp() where id = :id")
        .bind("id", customer)
        .execute();
  }

  private Change give(Handle handle, String user) {
    String before = handle.createQuery(HAS).bind("user", user).mapTo(String.class).one();
    if (!handle.createQuery(BOUGHT).bind("user", user).mapTo(Boolean.class).one()) {
      return new Change(user, before, before);
    }
    String due =
        handle
            .createQuery(DUE)
            .bind("user", user)
            .bindArray("plans", String.class, config.planNames())
            .bind("free", config.free())
            .mapTo(String.class)
            .one();
    if (!before.equals(due)) {
      handle.createUpdate(GIVE).bind("user", user).bind("plan", due).execute();
    }
    return new Change(user, before, due);
  }

  /** Customers with a plan whose grace period is over, by what is known here. */
  List<String> graceOver(Handle handle, int most) {
    return handle
        .createQuery(
            """
            select customer from billing_subscription
            where until < clock_timestamp() and plan is not null
            group by customer order by min(until) limit :most
            """)
        .bind("most", most)
        .mapTo(String.class)
        .list();
  }

  /** Plans that are sold, or given to those who pay no more, and are not there. */
  List<String> missingPlans(Handle handle) {
    return handle
        .createQuery(
            """
            select name from unnest(:plans || array[cast(:free as text)]) as name
            where name not in (select name from plan) order by name
            """)
        .bindArray("plans", String.class, config.planNames())
        .bind("free", config.free())
        .mapTo(String.class)
        .list();
  }

  /** The customer of a user who has one at Stripe: the one that pays, or else the last. */
  Optional<String> customerOf(Handle handle, String user) {
    return handle
        .createQuery(
            """
            select c.id from billing_customer c
              left join billing_subscription s on s.customer = c.id and s.plan is not null
            where c.user_id = :user and not c.deleted order by s.id is null, c.id desc limit 1
            """)
        .bind("user", user)
        .mapTo(String.class)
        .findOne();
  }

  /** Whether a user pays already, who would else pay twice. */
  boolean pays(Handle handle, String user) {
    return handle
        .createQuery(
            """
            select exists(select from billing_subscription where user_id = :user
              and status in ('active', 'trialing', 'past_due', 'unpaid', 'paused', 'incomplete'))
            """)
        .bind("user", user)
        .mapTo(Boolean.class)
        .one();
  }

  /** A customer that is not at Stripe any more. */
  int forget(Handle handle, String customer) {
    return handle
        .createUpdate("update billing_customer set deleted = true where id = :id")
        .bind("id", customer)
        .execute();
  }

  /** Disputes of a user's, for which no plan is paid. */
  List<String> disputes(Handle handle, String user) {
    return handle
        .createQuery("select unnest(disputes) from billing_customer where user_id = :user")
        .bind("user", user)
        .mapTo(String.class)
        .list();
  }

  int link(Handle handle, String customer, String user) {
    return handle
        .createUpdate(
            """
            insert into billing_customer (id, user_id, version) values (:id, :user, 1)
            on conflict do nothing
            """)
        .bind("id", customer)
        .bind("user", user)
        .execute();
  }

  /** Customers after that one, by id. */
  List<String> customers(Handle handle, String after, int most) {
    return handle
        .createQuery(
            "select id from billing_customer where id > :after and not deleted order by id limit"
                + " :most")
        .bind("after", after)
        .bind("most", most)
        .mapTo(String.class)
        .list();
  }

  /** Customers who were last compared more than a day ago. */
  List<String> dueForCheck(Handle handle, int most) {
    return handle
        .createQuery(
            """
            select id from billing_customer
            where checked_at < clock_timestamp() - interval '1 day' and not deleted
            order by checked_at limit :most
            """)
        .bind("most", most)
        .mapTo(String.class)
        .list();
  }

  /** Stripe sends an event again for 30 days at most. */
  int clean(Handle handle) {
    handle.execute(
        """
        delete from billing_event where id in (
          select id from billing_event where at < clock_timestamp() - interval '60 days'
          order by at limit 1000 for update skip locked)
        """);
    return handle.execute(
        """
        delete from billing_hour where (customer, hour, number) in (
          select customer, hour, number from billing_hour
          where reported_at < clock_timestamp() - interval '400 days'
          order by reported_at limit 1000 for update skip locked)
        """);
  }

  /**
   * Calls of an hour, the first of them at {@code first}, to be reported under one identifier.
   * {@code old}: an origin may have reported them so long ago that Stripe has forgotten it.
   */
  record Hour(String customer, Instant hour, int number, long calls, Instant first, boolean old) {
    String identifier() {
      return "mcpist-%s-%d-%d".formatted(customer, hour.getEpochSecond(), number);
    }
  }

  /**
   * Adds up calls of hours that are over; false: there may be more. Only once all of an hour are in
   * is it sealed; a call that is committed later is another row of its hour.
   */
  boolean addUp(Handle handle) {
    boolean turn =
        handle
            .createQuery("select pg_try_advisory_xact_lock(hashtextextended('mcpist billing', 0))")
            .mapTo(Boolean.class)
            .one();
    if (!turn) {
      return true;
    }
    int added =
        handle
            .createQuery(
                """
                with taken as (
                  delete from billing_use where ctid = any(array(
                    select ctid from billing_use
                    where at < date_trunc('hour', clock_timestamp() - interval '5 minutes')
                    order by at limit 20000))
                  returning customer, date_trunc('hour', at) as hour, at),
                sums as (
                  select customer, hour, count(*) as calls, min(at) as first_at
                  from taken group by 1, 2),
                added as (
                  insert into billing_hour as known (customer, hour, number, calls, first_at)
                  select customer, hour, (
                    select count(*) from billing_hour b
                    where b.customer = sums.customer and b.hour = sums.hour and sealed), calls, first_at
                  from sums
                  on conflict (customer, hour, number) do update
                    set calls = known.calls + excluded.calls,
                      first_at = least(known.first_at, excluded.first_at)
                  returning 1)
                select coalesce(sum(calls), 0)::integer from sums
                """)
            .mapTo(Integer.class)
            .one();
    if (added == 0) {
      handle.execute(
          "update billing_hour set sealed = true where reported_at is null and not sealed");
    }
    return added == 0;
  }

  /** Hours to be reported: for a minute they are this origin's. */
  List<Hour> take(Handle handle, int most) {
    return handle
        .createQuery(
            """
            with due as (
              select customer, hour, number,
                coalesce(lease_until < clock_timestamp() - interval '20 hours', false) as old
              from billing_hour
              where reported_at is null and sealed
                and (lease_until is null or lease_until < clock_timestamp())
              order by hour limit :most for update skip locked)
            update billing_hour b set lease_until = clock_timestamp() + interval '1 minute'
            from due
            where (b.customer, b.hour, b.number) = (due.customer, due.hour, due.number)
            returning b.customer, b.hour, b.number, calls, first_at, old
            """)
        .bind("most", most)
        .map(
            (row, _) ->
                new Hour(
                    row.getString(1),
                    row.getObject(2, OffsetDateTime.class).toInstant(),
                    row.getInt(3),
                    row.getLong(4),
                    row.getObject(5, OffsetDateTime.class).toInstant(),
                    row.getBoolean(6)))
        .list();
  }

  int reported(Handle handle, Hour hour) {
    return set(handle, hour, "reported_at = clock_timestamp()");
  }

  /** Stripe refuses it: somebody must mend that first. */
  int putOff(Handle handle, Hour hour) {
    return set(handle, hour, "lease_until = clock_timestamp() + interval '1 hour'");
  }

  private static int set(Handle handle, Hour hour, String what) {
    String which = " where customer = :customer and hour = :hour and number = :number";
    return handle
        .createUpdate("update billing_hour set " + what + which)
        .bind("customer", hour.customer())
        .bind("hour", hour.hour().atOffset(ZoneOffset.UTC))
        .bind("number", hour.number())
        .execute();
  }

  /** How many calls have been reported of hours in this time. */
  long reported(Handle handle, String customer, Instant from, Instant to) {
    return handle
        .createQuery(
            """
            select coalesce(sum(calls), 0)::bigint from billing_hour
            where customer = :customer and hour >= :from and hour < :to and reported_at is not null
            """)
        .bind("customer", customer)
        .bind("from", from.atOffset(ZoneOffset.UTC))
        .bind("to", to.atOffset(ZoneOffset.UTC))
        .mapTo(Long.class)
        .one();
  }
}
