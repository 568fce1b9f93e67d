package com.mcpist.origin.admin;

import static com.mcpist.origin.admin.AdminClient.event;
import static com.mcpist.origin.admin.AdminClient.release;
import static com.mcpist.origin.admin.AdminClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminClient.Answer;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Releases and events, written through one origin and read through the other. */
final class RecordsTest {
  private static TestDatabase database;
  private static AdminClient one;
  private static AdminClient other;
  private static Jdbi jdbi;

  private static final String STATUS =
      """
      {"edge": {"kind": "worker", "at": "2027-01-31T12:00:00Z", "activeSince": null, "origins": [],
        "calls": {"answered": 0, "failed": 0, "replayed": 0}},
       "part": "main", "language": "en", "call": null, "live": false, "signedIn": false}
      """;

  private final Instant hourAgo =
      Instant.now().minus(Duration.ofHours(1)).truncatedTo(ChronoUnit.MILLIS);

  private final UUID lock = UUID.randomUUID();
  private final UUID id = UUID.randomUUID();

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    jdbi = Jdbi.create(database.dataSource());
    one = AdminClient.on(database);
    other = AdminClient.on(database);
    Conditions.await(
        "the migration is told",
        () ->
            text(only(one.get("events?kind=migration")), "message")
                .startsWith("mcpist: schema version "));
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

  private ObjectNode lasting(String message, @Nullable Instant ended) {
    ObjectNode event = event(message).put("kind", "failover").put("origin", "koyeb-primary");
    event.put("at", hourAgo.toString()).put("ended", ended == null ? null : ended.toString());
    event.putObject("data").put("replayed", 3).put("cause", "a call was refused");
    return event;
  }

  /** But for those of a database that did not answer, as where the machine is slow. */
  private static List<JsonNode> events(Answer listed) {
    return listed
        .body()
        .path("events")
        .valueStream()
        .filter(event -> !text(event, "kind").equals("database"))
        .toList();
  }

  private static List<String> messages(Answer listed) {
    return events(listed).stream().map(event -> text(event, "message")).toList();
  }

  private static JsonNode only(Answer listed) {
    assertThat(events(listed)).hasSize(1);
    return events(listed).getFirst();
  }

  @Test
  void anEventToldAgainIsThereOnceAsItWasToldLast() {
    assertThat(one.put("events/" + id, lasting("goes on", null)).status()).isEqualTo(204);
    JsonNode running = only(other.get("events"));
    other.put("events/" + id, lasting("is over", hourAgo.plusSeconds(7)));
    one.put("events/" + id, lasting("is over", hourAgo.plusSeconds(7)));
    assertThat(one.put("events/" + id, lasting("goes on", null)).status())
        .as("one that comes late")
        .isEqualTo(204);

    JsonNode over = only(one.get("events"));
    assertThat(over.propertyNames())
        .containsExactly("id", "at", "ended", "running", "kind", "origin", "message", "data");
    assertThat(running.path("running").asBoolean()).isTrue();
    assertThat(over.path("running").asBoolean()).isFalse();
    assertThat(text(over, "message")).isEqualTo("is over");
    assertThat(Instant.parse(text(over, "at"))).isEqualTo(hourAgo);
    assertThat(Instant.parse(text(over, "ended"))).isEqualTo(hourAgo.plusSeconds(7));
    assertThat(over.path("data").path("replayed").asInt()).isEqualTo(3);
  }

  @Test
  void anEventNeedsNoTimeAndNoneIsInTheFuture() {
    one.put("events/" + id, event("now"));
    one.put(
        "events/" + UUID.randomUUID(),
        event("by a clock that is ahead").put("at", "9999-01-01T00:00:00Z"));

    Instant now = Instant.now().plusSeconds(5);
    for (JsonNode each : events(one.get("events"))) {
      assertThat(Instant.parse(text(each, "at"))).isBefore(now);
      assertThat(each.path("running").asBoolean()).isFalse();
    }
  }

  /** Its edge was killed, say. */
  @ParameterizedTest
  @ValueSource(strings = {"failover", "outage"})
  void whatAnEdgeDoesNotTellOfAnyMoreIsOver(String kind) {
    one.put("events/" + id, lasting("goes on", null).put("kind", kind));
    jdbi.useHandle(h -> h.execute("update event set told = told - interval '3 minutes'"));

    JsonNode shown = only(one.get("events"));

    assertThat(shown.path("running").asBoolean()).isFalse();
    assertThat(shown.path("ended").isString()).isTrue();
    one.put("events/" + id, lasting("goes on", null).put("kind", kind));
    assertThat(only(one.get("events")).path("running").asBoolean()).isTrue();
  }

  @Test
  void theGatewaySecretIsEnoughToTellAnEventAndForNothingElse() throws Exception {
    var put =
        one.origin
            .to("/events/" + id)
            .PUT(HttpRequest.BodyPublishers.ofString(event("told by an edge").toString()));
    assertThat(one.origin.send(put).statusCode()).isEqualTo(204);
    assertThat(text(only(one.get("events")), "message")).isEqualTo("told by an edge");

    for (String path : List.of("/events/" + id, "/events/", "/events/../releases")) {
      assertThat(one.origin.send(one.origin.to(path).GET()).statusCode()).isIn(404, 405);
    }
    assertThat(stranger("/events/" + id)).isEqualTo(403);
  }

  private static int stranger(String path) throws Exception {
    HttpRequest stranger =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + one.origin.port() + path))
            .method(
                path.equals("/status") ? "POST" : "PUT", HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(stranger, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  @Test
  void theGatewaySecretIsEnoughForAStatusPage() throws Exception {
    one.put("events/" + id, event("told by an edge"));
    HttpResponse<String> page =
        Conditions.awaitValue(
            "the history is read",
            Conditions.LIMIT,
            () -> Optional.of(status(STATUS)).filter(p -> p.body().contains("told by an edge")));

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("script-src 'sha256-");
    assertThat(page.body()).contains("No origin is healthy.");
    assertThat(status("{}").statusCode()).isEqualTo(400);
    assertThat(status(" ".repeat(64 * 1024 + 1)).statusCode()).isEqualTo(413);
    assertThat(one.origin.send(one.origin.to("/status").GET()).statusCode()).isEqualTo(405);
    assertThat(stranger("/status")).isEqualTo(403);
  }

  private static HttpResponse<String> status(String body) throws Exception {
    return one.origin.send(
        one.origin.to("/status").POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  @Test
  void aDeploymentIsAnEvent() {
    one.put("releases/" + id, release(lock, "running"));
    other.put("releases/" + id, release(lock, "succeeded"));

    JsonNode event = only(one.get("events?kind=deployment,rollback"));
    assertThat(text(event, "id")).isEqualTo(id.toString());
    assertThat(text(event, "message")).isEqualTo("v2: succeeded");
    assertThat(event.get("ended"))
        .isEqualTo(one.get("releases").body().get("releases").get(0).get("finished"));
  }

  private void insert(String kind, int from, int to, String unit) {
    jdbi.useHandle(
        h ->
            h.execute(
                """
                insert into event (id, kind, message, at)
                select gen_random_uuid(), ?, n::text, now() - n * interval '1 %s'
                from generate_series(?, ?) n
                """
                    .formatted(unit),
                kind,
                from,
                to));
  }

  @Test
  void eventsAreKeptForNinetyDaysAndAnEntranceForEver() {
    insert("entrance", 100, 100, "day");
    insert("failure", 88, 93, "day");

    one.put("events/" + id, event("the newest"));

    assertThat(messages(other.get("events"))).containsExactly("the newest", "88", "89", "100");
  }

  @Test
  void thereAreTenThousandAtMost() {
    insert("failure", 1, 10_005, "second");

    one.put("events/" + id, event("the newest"));

    assertThat(count("event")).isEqualTo(10_000);
    assertThat(ids(other.get("events?kind=failure&limit=1000"), "events"))
        .hasSize(1_000)
        .startsWith(id.toString());
  }

  @Test
  void theyAreShownByKindAndSince() {
    insert("failure", 1, 3, "hour");
    insert("failover", 1, 3, "hour");
    String since = Instant.now().minus(Duration.ofMinutes(150)).toString();

    assertThat(messages(one.get("events?kind=failover&since=" + since))).containsExactly("1", "2");
    assertThat(events(one.get("events?since=" + since))).hasSize(4);
    assertThat(ids(one.get("events?kind=failover,failure"), "events")).hasSize(6);
  }
}
