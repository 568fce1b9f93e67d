package com.mcpist.origin.alert;

import com.mcpist.origin.admin.Events;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a webhook is yet to be told, in the database. Whoever takes a batch has a minute for it:
 * then another origin may take it.
 */
record Outbox(String webhook) {
  /** Of beginnings and ends in a message. */
  private static final int MOST = 1_000;

  private static final String REGISTER =
      "insert into alert_webhook (name) values (:webhook) on conflict do nothing";

  /** Not for update: whoever writes an event refers to the webhook meanwhile. */
  private static final String TURN =
      """
      select pause, failures, clock_timestamp() - next_at > make_interval(secs => pause) as quiet
      from alert_webhook
      where name = :webhook and next_at <= clock_timestamp()
        and exists (select from alert where webhook = :webhook and due <= clock_timestamp())
      for no key update skip locked
      """;

  /** What was soon over; and of an origin that is down, what a failover tells already. */
  private static final String NOT_WORTH_TELLING =
      """
      delete from alert using event
      where webhook = :webhook and due <= clock_timestamp() and event.id = event_id
        and (kind in ('death', 'outage') and ended < at + interval '30 seconds'
            and data->>'end' is distinct from 'silent'
          or kind = 'outage' and (
            select coalesce(failover.ended, 'infinity') from event as failover
            where failover.kind = 'failover' and failover.origin = event.origin
              and failover.at <= coalesce(event.ended, 'infinity')
            order by failover.at desc limit 1) >= event.at)
      """;

  /** In one statement, so that an end is not read that is not in the batch. */
  private static final String TAKE =
      """
      with taken as (
        update alert set batch = :batch
        where id in (
          select id from alert where webhook = :webhook and due <= clock_timestamp()
          order by id limit :most)
        returning alert.id, event_id),
      told as (select event_id, min(id) as place from taken group by event_id)
      select event.* from told join event on event.id = event_id order by place
      """;

  /** An origin of the release before, or one after it, may know others. */
  private static final String KNOW =
      """
      with known as (
        update alert_webhook set seen = clock_timestamp() where name = any(:names))
      delete from alert_webhook
      where name <> all(:names) and seen < clock_timestamp() - interval '10 minutes'
      """;

  private static final String PUT_OFF =
      """
      update alert_webhook set next_at = clock_timestamp() + make_interval(secs => :seconds),
        pause = :pause, failures = :failures
      where name = :webhook
      """;

  private static final int LEASE_SECONDS = 60;

  /** Events to be told in one message, and the pace so far; quiet: it was due long before. */
  record Batch(UUID id, List<ObjectNode> events, Pace pace, boolean quiet) {}

  /** When the next message may be posted: later while there is always more. Pure. */
  record Pace(int pause, int failures) {
    private static final int SHORTEST = 30;
    private static final int LONGEST = 300;
    private static final int FIRST_RETRY = 5;
    private static final int MOST_DOUBLINGS = 6;

    Pace told(boolean quiet) {
      return new Pace(quiet || failures > 0 ? SHORTEST : Math.min(LONGEST, 2 * pause), 0);
    }

    Pace failed() {
      return new Pace(pause, failures + 1);
    }

    int seconds() {
      return failures == 0
          ? pause
          : Math.min(LONGEST, FIRST_RETRY << Math.min(MOST_DOUBLINGS, failures - 1));
    }
  }

  /** Forgets webhooks that no origin knows any more, and what they were not told. */
  static int know(Handle handle, List<String> names) {
    return handle.createUpdate(KNOW).bindArray("names", String.class, names).execute();
  }

  /** What is due; empty where nothing is, or it is not time yet, or another origin is at it. */
  Optional<Batch> take(Handle handle) {
    handle.createUpdate(REGISTER).bind("webhook", webhook).execute();
    return handle
        .createQuery(TURN)
        .bind("webhook", webhook)
        .map(
            (row, _) ->
                new Batch(
                    UUID.randomUUID(),
                    List.of(),
                    new Pace(row.getInt("pause"), row.getInt("failures")),
                    row.getBoolean("quiet")))
        .findOne()
        .map(turn -> new Batch(turn.id(), events(handle, turn), turn.pace(), turn.quiet()))
        .filter(batch -> !batch.events().isEmpty());
  }

  private List<ObjectNode> events(Handle handle, Batch turn) {
    handle.createUpdate(NOT_WORTH_TELLING).bind("webhook", webhook).execute();
    List<ObjectNode> events =
        handle
            .createQuery(TAKE)
            .bind("batch", turn.id())
            .bind("webhook", webhook)
            .bind("most", MOST)
            .map(Events::read)
            .list();
    if (!events.isEmpty()) {
      putOff(handle, turn.pace(), LEASE_SECONDS);
    }
    return events;
  }

  /** How a batch ended; false: another origin has taken it meanwhile. */
  boolean settle(Handle handle, UUID batch, Pace pace) {
    String rest =
        pace.failures() == 0
            ? "delete from alert where batch = :batch"
            : "update alert set batch = null where batch = :batch";
    boolean own = handle.createUpdate(rest).bind("batch", batch).execute() > 0;
    if (own) {
      putOff(handle, pace, pace.seconds());
    }
    return own;
  }

  private void putOff(Handle handle, Pace pace, int seconds) {
    handle
        .createUpdate(PUT_OFF)
        .bind("seconds", seconds)
        .bind("pause", pace.pause())
        .bind("failures", pace.failures())
        .bind("webhook", webhook)
        .execute();
  }
}
