package com.mcpist.origin.admin;

import static com.mcpist.origin.admin.AdminClient.event;
import static com.mcpist.origin.admin.AdminClient.release;
import static com.mcpist.origin.admin.AdminClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminClient.Answer;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Releases and events, written through one origin and read through the other. */
final class RecordsTest {
  private static TestDatabase database;
  private static AdminClient one;
  private static AdminClient other;
  private static Jdbi jdbi;

  private final UUID lock = UUID.randomUUID();
  private final UUID id = UUID.randomUUID();

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    jdbi = Jdbi.create(database.dataSource());
    one = AdminClient.on(database);
    other = AdminClient.on(database);
  }

  @AfterAll
  static void stop() throws SQLException {
    one.close();
    other.close();
    database.close();
  }

  @BeforeEach
  void empty() {
    jdbi.useHandle(
        h -> {
          h.execute("delete from deployment_lock");
          h.execute("delete from release");
          h.execute("delete from event");
        });
    assertThat(one.lock(lock, "ann@laptop").status()).isEqualTo(200);
  }

  private static List<String> ids(Answer listed, String name) {
    return StreamSupport.stream(listed.body().get(name).spliterator(), false)
        .map(r -> text(r, "id"))
        .toList();
  }

  private static int count(String table) {
    return jdbi.withHandle(
        h -> h.createQuery("select count(*) from " + table).mapTo(Integer.class).one());
  }

  @Test
  void aReleaseIsRecordedAsItGoes() {
    ObjectNode begun = release(lock, "running");
    Answer first = one.put("releases/" + id, begun);
    Answer again = other.put("releases/" + id, begun);

    assertThat(first.status()).isEqualTo(200);
    assertThat(first.body().get("finished").isNull()).isTrue();
    assertThat(again.body()).isEqualTo(first.body());
    ObjectNode stored = first.body().deepCopy();
    stored.remove(List.of("id", "started", "finished"));
    assertThat(stored).isEqualTo(begun.deepCopy().without("lock"));

    Answer done = one.put("releases/" + id, release(lock, "succeeded").put("detail", "done"));
    Answer doneAgain =
        other.put("releases/" + id, release(lock, "succeeded").put("detail", "done"));

    assertThat(done.body().get("started")).isEqualTo(first.body().get("started"));
    assertThat(Instant.parse(text(done.body(), "finished")))
        .isAfter(Instant.parse(text(done.body(), "started")));
    assertThat(doneAgain.body()).isEqualTo(done.body());
    assertThat(other.get("releases").body().get("releases").get(0)).isEqualTo(done.body());
  }

  @Test
  void whatIsFinishedIsNotRunningAgainBecauseARequestComesLate() {
    one.put("releases/" + id, release(lock, "running"));
    Answer done = one.put("releases/" + id, release(lock, "returned"));

    Answer late = other.put("releases/" + id, release(lock, "running"));

    assertThat(late.status()).isEqualTo(200);
    assertThat(late.body()).isEqualTo(done.body());
  }

  @Test
  void whoLostTheLockWritesNothing() {
    one.put("releases/" + id, release(lock, "running"));
    jdbi.useHandle(
        h -> h.execute("update deployment_lock set expires_at = now() - interval '1 second'"));

    Answer expired = one.put("releases/" + id, release(lock, "succeeded"));
    UUID theirs = UUID.randomUUID();
    assertThat(other.lock(theirs, "bob@desk").status()).isEqualTo(200);
    Answer taken = one.put("releases/" + id, release(lock, "succeeded"));
    Answer fresh = one.put("releases/" + UUID.randomUUID(), release(lock, "running"));

    for (Answer refused : List.of(expired, taken, fresh)) {
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.code()).isEqualTo("lock_lost");
    }
    assertThat(text(one.get("releases").body().get("releases").get(0), "state"))
        .isEqualTo("running");
    assertThat(count("release")).isEqualTo(1);
    assertThat(other.put("releases/" + id, release(theirs, "failed")).status()).isEqualTo(200);
  }

  @Test
  void theNewestReleasesComeFirstAndOldOnesGo() {
    jdbi.useHandle(
        h ->
            h.execute(
                """
                insert into release (id, action, image, digest, release, strategy, who, state, detail,
                  origins, started, finished)
                select gen_random_uuid(), 'deploy', '', '', n::text, '', '', 'succeeded', '', '[]',
                  now() - n * interval '1 hour', now()
                from generate_series(1, 205) n
                """));

    one.put("releases/" + id, release(lock, "running"));

    assertThat(count("release")).isEqualTo(200);
    Answer listed = other.get("releases?limit=3");
    assertThat(ids(listed, "releases")).hasSize(3).startsWith(id.toString());
    assertThat(text(listed.body().get("releases").get(1), "release")).isEqualTo("1");
    assertThat(ids(other.get("releases"), "releases")).hasSize(20);
  }

  @Test
  void anEventIsRecordedOnce() {
    ObjectNode event = event("origin died").put("origin", "koyeb-primary");
    Answer first = one.put("events/" + id, event);
    Answer again = other.put("events/" + id, event.deepCopy().put("message", "something else"));
    UUID second = UUID.randomUUID();
    Answer pairs = one.put("events/" + second, event("of no origin in particular"));

    assertThat(first.status()).isEqualTo(200);
    assertThat(first.body().propertyNames())
        .containsExactly("id", "at", "kind", "origin", "message");
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(pairs.body().get("origin").isNull()).isTrue();
    assertThat(ids(other.get("events"), "events"))
        .containsExactly(second.toString(), id.toString());
  }

  @Test
  void oldEventsGo() {
    jdbi.useHandle(
        h ->
            h.execute(
                """
                insert into event (id, kind, origin, message, at)
                select gen_random_uuid(), 'deploy', null, '', now() - n * interval '1 hour'
                from generate_series(1, 1005) n
                """));

    one.put("events/" + id, event("the newest"));

    assertThat(count("event")).isEqualTo(1_000);
    assertThat(ids(other.get("events?limit=200"), "events")).hasSize(200).startsWith(id.toString());
  }
}
