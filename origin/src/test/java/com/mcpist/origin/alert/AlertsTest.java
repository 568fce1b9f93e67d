package com.mcpist.origin.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminTransactions;
import com.mcpist.origin.admin.Events;
import com.mcpist.origin.alert.Alerts.Sender;
import com.mcpist.origin.alert.DatabaseRoom.Disk;
import com.mcpist.origin.alert.Outbox.Pace;
import com.mcpist.origin.alert.Webhook.Form;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.fixture.Logged;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.origin.mcp.Json;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Senders as two origins have them, the real database, and a webhook of the test's own. */
final class AlertsTest {
  private static final String TOKEN = "T0KEN";

  private static TestDatabase database;
  private static Jdbi jdbi;
  private static Database pool;
  private static AdminTransactions transactions;

  private final FaultServer hook = FaultServer.start();
  private final Sender one = sender("one", Form.JSON);
  private final Sender other = sender("one", Form.JSON);

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    jdbi = Jdbi.create(database.dataSource());
    TestSchema.make(database);
    pool = TestSchema.pool(database, 4);
    transactions = new AdminTransactions(pool, () -> true);
  }

  @AfterAll
  static void stop() throws SQLException {
    pool.close();
    database.close();
  }

  @BeforeEach
  void empty() throws Exception {
    jdbi.useHandle(
        h -> {
          h.execute("delete from alert_webhook");
          h.execute("delete from event");
          h.execute("delete from api_key");
          h.execute("delete from stored");
        });
    one.send(); // It is known from now on.
  }

  @AfterEach
  void close() throws IOException {
    hook.close();
  }

  private Sender sender(String name, Form type) {
    URI url = URI.create(hook.url() + "/" + TOKEN);
    return new Sender(new Webhook(name, type, url), "notes", transactions);
  }

  private static UUID begun(String kind, String origin, String ago) {
    UUID id = UUID.randomUUID();
    jdbi.useHandle(
        h ->
            h.execute(
                "insert into event (id, kind, origin, message, at, data) values (?, ?, ?, 'b"
                    + " serves', now() - cast(? as interval), '{\"cause\": \"it stops\"}')",
                id,
                kind,
                origin,
                ago));
    return id;
  }

  private static void end(UUID id) {
    jdbi.useHandle(h -> h.execute("update event set ended = now() where id = ?", id));
  }

  /** Begins and ends at once, and is one event. */
  private static List<String> flaps(int count) {
    return jdbi.inTransaction(
        h -> {
          List<String> ids = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            UUID id = UUID.randomUUID();
            h.execute(
                "insert into event (id, kind, origin, message, at)"
                    + " values (?, 'failover', 'a', 'b serves', now())",
                id);
            h.execute("update event set ended = now() where id = ?", id);
            ids.add(id.toString());
          }
          return ids;
        });
  }

  /** As if so much time had passed. */
  private static void pass(int seconds) {
    jdbi.useHandle(
        h -> {
          h.execute("update alert set due = due - make_interval(secs => ?)", seconds);
          h.execute(
              "update alert_webhook set next_at = next_at - make_interval(secs => ?)", seconds);
        });
  }

  private static JsonNode json(HttpMessage message) {
    return JsonMapper.shared().readTree(message.body());
  }

  /** Of each event that was told, what of it: its id, and whether it was over. */
  private List<String> told() {
    List<String> told = new ArrayList<>();
    for (HttpMessage message : hook.requests()) {
      json(message)
          .forEach(
              event ->
                  told.add(
                      event.path("id").asString()
                          + (event.path("ended").isNull() ? " begins" : "")));
    }
    return told;
  }

  @Test
  void aThousandFlapsAreAFewMessagesInOrderAndNoneIsMissing() throws Exception {
    UUID first = begun("failover", "a", "0 s");
    one.send();
    end(first);
    List<String> early = flaps(499);
    one.send();
    assertThat(hook.requests()).hasSize(1);
    pass(30);
    one.send();
    List<String> late = flaps(500);
    pass(30);
    one.send();
    assertThat(hook.requests()).hasSize(2);
    pass(30);
    one.send();

    List<String> expected = new ArrayList<>(List.of(first + " begins", first.toString()));
    expected.addAll(early);
    expected.addAll(late);
    assertThat(told()).isEqualTo(expected);
    assertThat(hook.requests()).hasSize(3);
    pass(600);
    one.send();
    String last = flaps(1).getFirst();
    one.send();
    assertThat(told()).last().isEqualTo(last);
  }

  @Test
  void aMessageHasTheFirstLinesWholeAndCountsTheRest() throws Exception {
    for (Form type : List.of(Form.SLACK, Form.DISCORD, Form.NTFY)) {
      Sender sender = sender(type.name(), type);
      sender.send();
      flaps(200);
      begun("failover", "<!here>", "0 s");
      sender.send();
    }
    JsonNode slack = json(hook.requests().get(0));
    JsonNode discord = json(hook.requests().get(1));
    HttpMessage ntfy = hook.requests().get(2);
    assertThat(slack.path("text").asString().lines())
        .startsWith("notes: 201 alerts")
        .anyMatch(line -> line.matches("and \\d+ more: \\d+ failover"))
        .last()
        .asString()
        .endsWith(" switched: &lt;!here&gt; failed (it stops), b serves");
    assertThat(discord.path("content").asString()).hasSizeLessThanOrEqualTo(2_000);
    assertThat(discord.path("allowed_mentions").path("parse")).isEmpty();
    assertThat(ntfy.header("Title")).contains("notes");
    assertThat(ntfy.header("Priority")).contains("high");
    assertThat(ntfy.text()).startsWith("201 alerts\n");
  }

  @Test
  void aWebhookThatIsAwayIsToldAllWhenItIsBack() throws Exception {
    try (Logged log = Logged.by(Alerts.class)) {
      hook.next(
          Behaviour.status(503),
          Behaviour.resetBefore(),
          new Behaviour.Answer(302, Map.of("Location", hook.url() + "/other"), new byte[0]));
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        ids.addAll(flaps(2));
        one.send();
        other.send(); // Not before a pause.
        pass(20);
      }
      assertThat(hook.requests()).hasSize(3);
      other.send();

      assertThat(hook.requests()).hasSize(4).allMatch(r -> r.target().equals("/" + TOKEN));
      assertThat(told().subList(told().size() - 6, told().size())).isEqualTo(ids);
      assertThat(log.count("Alerts to one wait: HTTP 503")).isEqualTo(1);
      assertThat(log.count("Alerts to one go out again")).isEqualTo(1);
      assertThat(log.count(TOKEN)).isZero();
      pass(600);
      one.send();
      assertThat(hook.requests()).hasSize(4);
    }
  }

  @Test
  void whoDiesBeforeItsMessageIsTakenIsFollowedByTheOtherAfterAMinute() throws Exception {
    String id = flaps(1).getFirst();
    hook.next(new Behaviour.Silent());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> dying =
          threads.submit(
              () -> {
                one.send();
                return true;
              });
      Conditions.await("it is posted", () -> hook.requests().size() == 1);
      dying.cancel(true);
    }
    pass(30);
    other.send();
    assertThat(hook.requests()).hasSize(1);
    pass(30);
    other.send();
    assertThat(told()).containsExactly(id, id); // The first was not answered.
  }

  @Test
  void twoAtOnceTellEachOnce() throws Exception {
    List<String> ids = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 10; i++) {
        ids.addAll(flaps(3));
        pass(600);
        Future<?> left = threads.submit(() -> sent(one));
        Future<?> right = threads.submit(() -> sent(other));
        left.get();
        right.get();
      }
    }
    assertThat(told()).isEqualTo(ids);
    assertThat(hook.requests()).hasSize(10);
  }

  private static boolean sent(Sender sender) throws Exception {
    sender.send();
    return true;
  }

  @Test
  void whatIsNoNewsIsNotTold() throws Exception {
    end(begun("death", "a", "20 s")); // Soon up again.
    begun("death", "c", "0 s"); // Not down for long.
    begun("drain", "a", "0 s");
    begun("rollback", "a", "0 s"); // Goes on.
    begun("failover", "a", "40 s");
    begun("outage", "a", "40 s"); // The failover says so.
    UUID standby = begun("outage", "b", "40 s");
    UUID death = begun("death", "b", "40 s");
    end(death);
    one.send();

    assertThat(told()).hasSize(3).contains(standby + " begins", death.toString());
    pass(30);
    one.send();
    assertThat(told()).hasSize(4).last().asString().endsWith(" begins");
  }

  /** {@code at}: as the edge that watches tells it. */
  private static void outage(UUID id, Instant at, @Nullable Instant ended) throws Exception {
    String message = ended == null ? "no answer" : "back after 60 s";
    ObjectNode data = Json.object();
    if (ended != null) {
      data.put("end", "recovered");
    }
    Events events = new Events(pool, () -> true);
    events.add(new Events.Event(id, "outage", "b", message, at, ended, data));
    events.write();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAnEdgeWasSilentAboutHasItsEndAllTheSame(boolean toldOnceMore) throws Exception {
    UUID id = UUID.randomUUID();
    Instant at = Instant.now().minusSeconds(600);
    outage(id, at, null);
    one.send();
    assertThat(told()).containsExactly(id + " begins");
    jdbi.useHandle(h -> h.execute("update event set told = at + interval '1 s'"));
    warnings(List.of("one")).look();
    pass(60);
    one.send();
    assertThat(told()).last().isEqualTo(id.toString());
    if (toldOnceMore) {
      outage(id, at, null);
      warnings(List.of("one")).look();
    }
    outage(id, at, at.plusSeconds(60));
    outage(id, at, at.plusSeconds(60));
    outage(id, at, null); // Late.
    pass(600);
    one.send();

    assertThat(told()).containsExactly(id + " begins", id.toString(), id.toString());
    JsonNode event = json(hook.requests().getLast()).get(0);
    assertThat(event.path("message").asString()).isEqualTo("back after 60 s");
    assertThat(Instant.parse(event.path("ended").asString())).isAfter(at.plusSeconds(59));
  }

  @Test
  void eventsAreWrittenWhileAMessageIsTaken() {
    flaps(1);
    jdbi.useTransaction(
        h -> {
          assertThat(new Outbox("one").take(h)).isPresent();
          try (Handle writer = jdbi.open()) {
            writer.execute("set lock_timeout = '1s'");
            int written =
                writer.execute(
                    "insert into event (id, kind, message, at)"
                        + " values (gen_random_uuid(), 'failure', 'x', now())");
            assertThat(written).isEqualTo(1);
          }
        });
  }

  @Test
  void warningsBeginAndEnd() throws Exception {
    Warnings warnings = warnings(List.of("one"));
    jdbi.useHandle(
        h -> {
          h.execute(
              "insert into api_key select gen_random_uuid(), sha256(name::bytea), name, 'ann',"
                  + " now() - age * interval '1 day', now() + days * interval '1 day' from (values"
                  + " ('soon', 2, 6), ('revoked', 2, 6), ('later', 2, 8), ('never', 2, null),"
                  + " ('short', 0, 6)) as k (name, age, days)");
          h.execute(
              "insert into stored values ('ann', 'memory', 91 * 1048576, null),"
                  + " ('bob', 'memory', 89 * 1048576, null)");
        });
    UUID silent = begun("failover", "a", "10 min");
    jdbi.useHandle(h -> h.execute("update event set told = now() - interval '3 min'"));
    warnings.look();
    warnings.look();

    assertThat(warnings("ended is null"))
        .containsExactlyInAnyOrder("key soon", "key revoked", "storage ann");
    jdbi.useHandle(
        h -> {
          h.execute("update api_key set expires_at = now() where name = 'soon'");
          h.execute("update api_key set revoked_at = now() where name = 'revoked'");
          h.execute("update stored set bytes = 86 * 1048576");
        });
    warnings.look();
    warnings.look();
    assertThat(warnings("ended is null")).containsExactly("storage ann");
    assertThat(warnings("ended is not null")).containsExactlyInAnyOrder("key soon", "key revoked");
    assertThat(warnings("message = 'the API key soon has expired'")).containsExactly("key soon");
    one.send();
    assertThat(told()).hasSize(4).contains(silent.toString());
  }

  private static Warnings warnings(List<String> webhooks) {
    return new Warnings(transactions, webhooks, true, new DatabaseRoom(null, null));
  }

  /** With a limit of which the database takes so much. */
  private static Warnings filled(double share) {
    long size =
        jdbi.withHandle(
            h ->
                h.createQuery("select pg_database_size(current_database())")
                    .mapTo(Long.class)
                    .one());
    return new Warnings(
        transactions, List.of(), true, new DatabaseRoom(null, Math.round(size / share)));
  }

  @Test
  void aDatabaseNearItsLimitIsToldUntilItHasRoom() throws Exception {
    filled(0.88).look();
    assertThat(warnings("true")).isEmpty();
    filled(0.95).look();
    filled(0.88).look();
    warnings(List.of()).look(); // Knows of no limit.
    one.send();

    assertThat(warnings("ended is null")).containsExactly("database " + database.name());
    assertThat(told()).singleElement().asString().endsWith(" begins");
    filled(0.80).look();
    assertThat(warnings("ended is not null")).containsExactly("database " + database.name());
  }

  @Test
  void whereNeonTellsTheLimitNobodyNeedsTo() throws Exception {
    String alter = "alter database " + database.name();
    jdbi.useHandle(h -> h.execute(alter + " set neon.max_cluster_size = '100kB'"));
    try (Database onNeon = TestSchema.pool(database, 1)) {
      AdminTransactions there = new AdminTransactions(onNeon, () -> true);
      new Warnings(there, List.of(), true, new DatabaseRoom(null, null)).look();
      assertThat(warnings("ended is null")).containsExactly("database " + database.name());
    } finally {
      jdbi.useHandle(h -> h.execute(alter + " reset neon.max_cluster_size"));
    }
  }

  @ParameterizedTest
  @CsvSource({"100000, 1100, 1000, 1500, 1600", "1000, 110, 90, 140, 160"})
  void aDiskThatIsNearlyFullIsToldUntilItHasRoom(
      int total, int much, int little, int more, int enough) throws Exception {
    Warnings warnings = warnings(List.of());
    warnings.look(disk("/data", much, total));
    assertThat(warnings("true")).isEmpty();
    warnings.look(disk("/data", little, total));
    warnings.look(disk("/data", more, total));
    warnings.look(disk("/another", enough, total));
    warnings.look();
    String text = "'the disk of /data has %d of %d MiB left'".formatted(little, total);
    assertThat(warnings("ended is null and message = " + text)).containsExactly("disk /data");
    warnings.look(disk("/data", enough, total));
    assertThat(warnings("data->>'end' = 'recovered'")).containsExactly("disk /data");
  }

  private static Disk disk(String folder, long free, long total) {
    return new Disk(folder, free << 20, total << 20);
  }

  @Test
  void theDiskOfAFolderIsAskedWhereItIsHere(@TempDir Path folder) {
    Disk disk = new DatabaseRoom(folder, null).disk().orElseThrow();
    assertThat(disk.free()).isPositive().isLessThanOrEqualTo(disk.total());
    assertThat(new DatabaseRoom(folder.resolve("gone"), null).disk()).isEmpty();
  }

  @Test
  void whatACheckWarnsOfIsItsOwnToEndUnlessItIsSilent() throws Exception {
    UUID drift = begun("warning", "a", "0 s");
    UUID certificate = begun("warning", "a", "0 s");
    jdbi.useHandle(
        h -> {
          h.execute("update event set data = '{\"what\": \"drift\", \"subject\": \"a\"}'");
          h.execute("update event set told = now() - interval '4 days' where id = ?", certificate);
        });
    warnings(List.of("one")).look();
    one.send();
    assertThat(told()).containsExactly(drift + " begins", certificate.toString());
  }

  @Test
  void aWebhookThatNoOriginKnowsIsForgottenAfterAWhile() throws Exception {
    jdbi.useHandle(
        h -> {
          h.execute("insert into alert_webhook (name) values ('of-another-origin'), ('gone')");
          h.execute(
              "update alert_webhook set seen = now() - interval '11 min'"
                  + " where name in ('one', 'gone')");
        });
    warnings(List.of("one")).look();
    warnings(List.of()).look();
    List<String> names =
        jdbi.withHandle(
            h -> h.createQuery("select name from alert_webhook").mapTo(String.class).list());
    assertThat(names).containsExactlyInAnyOrder("one", "of-another-origin");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          failover |           | b serves                      | true  | switched: a failed (it stops), b serves
          failover | recovered | b served 7 s                  | false | back: a had failed (it stops); b served 7 s
          failover | silent    | b serves                      | true  | no longer watched: a had failed (it stops); b serves
          failover | drained   | drained                       | true  | no longer watched: a had failed (it stops); drained
          outage   |           | no answer                     | true  | down: a: no answer
          outage   | recovered | back after 7 s                | false | up: a: back after 7 s
          outage   | silent    | no answer                     | true  | no longer watched: a: no answer
          outage   | drained   | drained                       | true  | no longer watched: a: drained
          warning  |           | the API key k expires at noon | true  | warning: the API key k expires at noon
          warning  | recovered | the API key k expires at noon | false | over: the API key k expires at noon
          warning  | expired   | the API key k has expired     | true  | warning: the API key k has expired
          warning  | silent    | a certificate ends            | true  | no longer watched: a certificate ends
          death    | up        | a died                        | false | up: a died, for 7 s
          """)
  void aLineSaysHowTheOriginIsAsFarAsIsKnown(
      String kind, @Nullable String end, String message, boolean bad, String line) {
    boolean over = end != null;
    ObjectNode event =
        Json.object()
            .put("kind", kind)
            .put("origin", "a")
            .put("message", message)
            .put("at", "2026-11-28T09:00:00Z")
            .put("ended", over ? "2026-11-28T09:00:07Z" : null);
    event.putObject("data").put("cause", "it stops").put("end", end);

    assertThat(AlertText.line(event))
        .isEqualTo("2026-11-28T09:00:0" + (over ? 7 : 0) + "Z " + line);
    assertThat(AlertText.bad(event)).isEqualTo(bad);
  }

  private static List<String> warnings(String which) {
    return jdbi.withHandle(
        h ->
            h.createQuery(
                    "select concat_ws(' ', data->>'what', data->>'subject') from event"
                        + " where kind = 'warning' and "
                        + which)
                .mapTo(String.class)
                .list());
  }

  @Test
  void thePauseGrowsWhileThereIsMoreAndWhileNothingIsTaken() {
    assertThat(Stream.iterate(new Pace(30, 0), pace -> pace.told(false)).limit(6))
        .extracting(Pace::seconds)
        .containsExactly(30, 60, 120, 240, 300, 300);
    assertThat(Stream.iterate(new Pace(240, 1), Pace::failed).limit(8))
        .extracting(Pace::seconds)
        .containsExactly(5, 10, 20, 40, 80, 160, 300, 300);
    assertThat(new Pace(240, 9).told(false)).isEqualTo(new Pace(30, 0));
    assertThat(new Pace(240, 0).told(true)).isEqualTo(new Pace(30, 0));
  }

  @Test
  void onlyAddressesThatHideWhatIsToldAreTaken() {
    String json =
        """
        {"service": "s", "webhooks": [
          {"name": "a", "type": "slack", "secret": "A"}, {"name": "b", "type": "json", "secret": "B"},
          {"name": "c", "type": "ntfy", "secret": "C"}, {"name": "d", "type": "json", "secret": "D"}]}
        """;
    AlertConfig config =
        AlertConfig.parse(
            json,
            Map.of("A", "https://x.example/T0KEN", "B", "http://x.example/T0KEN", "C", "T0KEN"));
    assertThat(config.webhooks()).extracting(Webhook::name).containsExactly("a");
    assertThat(config.problems())
        .containsOnly(
            Map.entry("b", "B is no address that starts with https://"),
            Map.entry("c", "C is no address that starts with https://"),
            Map.entry("d", "D is not set"));
    assertThat(config.toString()).doesNotContain(TOKEN);
  }
}
