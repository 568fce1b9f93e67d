package com.mcpist.origin.billing;

import com.mcpist.origin.billing.StripeAccount.Disputed;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Who pays, in the database: each within a transaction of those who administer. */
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

  /** Where nothing was ever bought, the plan is what the operator has given. */
  private static final String BOUGHT =
      "select exists(select from billing_subscription where user_id = :user)";

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

  /** A customer as it is here; {@code version}: 0: not yet. */
  record Known(String customer, @Nullable String user, long version) {}

  /** A plan that has changed, or has not. */
  record Change(String user, String before, String after) {
    boolean differs() {
      return !before.equals(after);
    }
  }

  Known known(Handle handle, String customer) {
    return handle
        .createQuery("select user_id, version from billing_customer where id = :id")
        .bind("id", customer)
        .map((row, _) -> new Known(customer, row.getString(1), row.getLong(2)))
        .findOne()
        .orElse(new Known(customer, null, 0));
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

  /** Takes over what Stripe says of a customer, and gives the plan that follows. */
  Change settle(
      Handle handle,
      String customer,
      String user,
      List<Standing> standings,
      Optional<Disputed> dispute) {
    lock(handle, user);
    dispute.ifPresent(each -> keep(handle, customer, each));
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
            update billing_subscription set status = 'gone', plan = null, until = null,
              metered = false
            where customer = :customer and id <> all(:ids)
            """)
        .bind("customer", customer)
        .bindArray("ids", String.class, standings.stream().map(Standing::subscription).toList())
        .execute();
    handle
        .createUpdate("update billing_customer set checked_at = clock_timestamp() where id = :id")
        .bind("id", customer)
        .execute();
    return give(handle, user);
  }

  private static void keep(Handle handle, String customer, Disputed dispute) {
    handle
        .createUpdate(
            """
            update billing_customer
            set disputes = array_remove(disputes, cast(:dispute as text))
              || case when :open then array[cast(:dispute as text)] else cast('{}' as text[]) end
            where id = :customer
            """)
        .bind("dispute", dispute.id())
        .bind("open", dispute.open())
        .bind("customer", customer)
        .execute();
  }

  /** One at a time for each user: two customers of one user would not see each other's. */
  private static void lock(Handle handle, String user) {
    handle
        .createQuery("select 1 from pg_advisory_xact_lock(hashtextextended(:name, 0))")
        .bind("name", "mcpist billing " + user)
        .mapTo(Integer.class)
        .one();
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

  /** Takes the plans whose grace period is over. */
  List<Change> endGrace(Handle handle) {
    List<String> users =
        handle
            .createQuery(
                """
                update billing_subscription set plan = null, until = null, metered = false
                where id in (
                  select id from billing_subscription
                  where until < clock_timestamp() and plan is not null
                  order by until limit 100 for update skip locked)
                returning user_id
                """)
            .mapTo(String.class)
            .list();
    return users.stream()
        .distinct()
        .sorted()
        .map(
            user -> {
              lock(handle, user);
              return give(handle, user);
            })
        .toList();
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

  /** The customer of a user who has one: the one that pays, or else the last. */
  Optional<String> customerOf(Handle handle, String user) {
    return handle
        .createQuery(
            """
            select c.id from billing_customer c
              left join billing_subscription s on s.customer = c.id and s.plan is not null
            where c.user_id = :user order by s.id is null, c.id desc limit 1
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
        .createQuery("select id from billing_customer where id > :after order by id limit :most")
        .bind("after", after)
        .bind("most", most)
        .mapTo(String.class)
        .list();
  }

  /** Customers whose day is over; another origin does not get them before the next day. */
  List<String> dueForCheck(Handle handle, int most) {
    return handle
        .createQuery(
            """
            update billing_customer set checked_at = clock_timestamp() where id in (
              select id from billing_customer where checked_at < clock_timestamp() - interval '1 day'
              order by checked_at limit :most for update skip locked)
            returning id
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
        "delete from billing_hour where reported_at < clock_timestamp() - interval '400 days'");
  }

  /** Calls of an hour, to be reported under one identifier. */
  record Hour(String customer, Instant hour, int number, long calls) {
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
                  returning customer, date_trunc('hour', at) as hour),
                sums as (select customer, hour, count(*) as calls from taken group by 1, 2),
                added as (
                  insert into billing_hour as known (customer, hour, number, calls)
                  select customer, hour, (
                    select count(*) from billing_hour b
                    where b.customer = sums.customer and b.hour = sums.hour and sealed), calls
                  from sums
                  on conflict (customer, hour, number) do update
                    set calls = known.calls + excluded.calls
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
            update billing_hour set lease_until = clock_timestamp() + interval '1 minute'
            where (customer, hour, number) in (
              select customer, hour, number from billing_hour
              where reported_at is null and sealed
                and (lease_until is null or lease_until < clock_timestamp())
              order by hour limit :most for update skip locked)
            returning customer, hour, number, calls
            """)
        .bind("most", most)
        .map(
            (row, _) ->
                new Hour(
                    row.getString(1),
                    row.getObject(2, OffsetDateTime.class).toInstant(),
                    row.getInt(3),
                    row.getLong(4)))
        .list();
  }

  int reported(Handle handle, Hour hour) {
    return handle
        .createUpdate(
            """
            update billing_hour set reported_at = clock_timestamp()
            where customer = :customer and hour = :hour and number = :number
            """)
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
