package com.mcpist.origin.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the page shows of a real database. */
final class StatusPageTest {
  private static final String HOSTILE = "\"><script>alert('x')</script>&";

  private static final ObjectNode MOUNT =
      Definitions.json(
          "{\"name\": \"everything\", \"state\": \"failed\", \"problem\": \"npx is not there\"}");

  private static TestDatabase database;
  private static Database pool;
  private static Jdbi jdbi;

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    jdbi = Jdbi.create(database.dataSource());
    TestSchema.make(database);
    pool = TestSchema.pool(database, 1);
  }

  @AfterAll
  static void stop() throws SQLException {
    pool.close();
    database.close();
  }

  @BeforeEach
  void empty() {
    jdbi.useHandle(
        h -> {
          h.execute("delete from event");
          h.execute("delete from release");
          h.execute("delete from tool_call");
          h.execute("delete from undelivered");
          h.execute("delete from stored");
        });
  }

  /** With a history: the database is asked until it has answered in time, on a slow machine too. */
  private static String html(Asking asking) throws Exception {
    StatusEndpoint patient =
        new StatusEndpoint(
            ids ->
                Conditions.awaitValue(
                    "the history is read",
                    Conditions.LIMIT,
                    () -> Optional.of(History.read(pool, JsonMapper.shared(), ids))),
            () -> List.of(MOUNT),
            System::nanoTime);
    return patient.answer(asking.bytes()).html();
  }

  private static Asking now() {
    Asking asking = Asking.of();
    asking.edge().put("at", Instant.now().toString());
    return asking;
  }

  private static void event(
      Handle h, String kind, String origin, int minutesAgo, int seconds, String data) {
    h.execute(
        """
        insert into event (id, kind, origin, message, at, ended, data)
        values (gen_random_uuid(), ?, ?, ?, now() - ? * interval '1 minute',
          now() - ? * interval '1 minute' + ? * interval '1 second', cast(? as jsonb))
        """,
        kind,
        origin,
        "told of " + kind,
        minutesAgo,
        minutesAgo,
        seconds,
        data);
  }

  private static void call(Handle h, String user, boolean fromClient, String id, String end) {
    h.execute(
        """
        insert into tool_call (user_id, from_client, call_id, call_index, tool, arguments_hash,
          attempt, instance, expires_at, result)
        values (?, ?, ?, 0, 'memory_save', 'h', 2, 'i', now() + interval '1 hour', ?)
        """,
        user,
        fromClient,
        id,
        end);
  }

  private static void busyDay(Handle h) {
    event(h, "entrance", "", 60 * 24 * 40, 0, "{}");
    for (int i = 1; i < 8; i++) {
      event(h, "outage", "koyeb-primary", i * i * 137, 30 * i * i, "{\"cause\": \"refused\"}");
    }
    event(h, "outage", "flyio-standby", 60 * 24 * 9, 3_000, "{\"cause\": \"no heartbeat\"}");
    for (int i = 1; i < 4; i++) {
      event(
          h,
          "failover",
          "koyeb-primary",
          i * 137,
          7 * i,
          """
          {"from": "koyeb-primary", "to": "flyio-standby", "replayed": 3,
           "longestWaitMillis": 1204, "failed": 0,
           "cause": "a call was cut off (Connection was closed)"}
          """);
    }
    event(h, "death", "koyeb-primary", 137, 3, "{\"cause\": \"killed, signal 9\"}");
    event(h, "drill", "", 400, 1, "{}");
    event(h, "deployment", "", 70, 1, "{}");
    h.execute(
        """
        insert into release (id, action, image, digest, release, strategy, who, state, detail,
          origins, started, finished)
        select gen_random_uuid(), case n when 2 then 'rollback' else 'deploy' end, '', '', 'v' || n,
          'standby-first', 'ann@laptop', case n when 3 then 'running' when 4 then 'failed'
          else 'succeeded' end, case n when 4 then 'flyio-standby was not healthy in 60 s'
          else '' end, '[]', now() - n * interval '5 hours',
          case n when 3 then null else now() - n * interval '5 hours' + interval '95 s' end
        from generate_series(1, 4) n
        """);
    h.execute("insert into stored (user_id, counted, bytes) values ('ann', 'memory', 94371840)");
    h.execute("insert into stored (user_id, counted, bytes) values ('bob', 'memory', 1)");
  }

  @Test
  void allThatIsKnownIsShown() throws Exception {
    jdbi.useHandle(StatusPageTest::busyDay);

    String page = html(now());

    assertThat(page)
        .contains("All well: <bdi>koyeb-primary</bdi> serves.")
        .contains("Calls since the edge began: 1200 answered, 1 failed, 3 replayed.")
        .contains("3.3 ms", "41.0 ms", "1204", "a call was cut off")
        .containsPattern("Last 24 hours: 9[0-9.]+ % healthy, outages: 3<")
        .containsPattern("Last 90 days: 9[0-9.]+ % healthy, outages: 7<")
        .contains("<td>3</td><td>1.2 s</td><td>0</td>", "14.0 s", "Connection was closed")
        .contains("told of death: killed, signal 9", "told of drill", "broken off", "rollback")
        .contains("1 min 35 s", "flyio-standby was not healthy in 60 s")
        .contains("<bdi>ann</bdi>", "90.0 / 100 MiB (90 %)", "<bdi>standard</bdi>")
        .contains("<bdi>everything</bdi>", "npx is not there")
        .contains("action=\"/status/sign-out\"")
        .doesNotContain("<bdi>bob</bdi>");
    String japanese = html(now().language("ja"));
    assertThat(japanese).startsWith("<!doctype html>\n<html lang=\"ja\" data-at=");
    assertThat(japanese).contains("正常: <bdi>koyeb-primary</bdi>が応答している。", "1分35秒");
    assertThat(japanese.split("<time ")).hasSameSizeAs(page.split("<time "));
    Asking worker = now();
    worker.edge().put("kind", "worker");
    assertThat(html(worker)).contains("Calls in one isolate of the edge: 1200 answered");
    sample("status.html", page);
    sample("status-ja.html", japanese);
    sample("status-public.html", html(now().part("public")));
  }

  /** To be looked at. */
  private static void sample(String name, String html) throws IOException {
    Files.writeString(Path.of("target", name), html);
  }

  @Test
  void withNoHistoryItSaysSo() throws Exception {
    String page = html(now());

    assertThat(page).contains("Last 24 hours: no data", "None.").doesNotContain("% healthy");
    assertThat(html(now().part("public"))).contains("None is known.");
  }

  @Test
  @Timeout(35) // Less than the 40 s for which a connection waits for an answer.
  void aDatabaseThatDoesNotAnswerIsNotWaitedFor() throws Exception {
    try (Handle other = jdbi.open()) {
      other.begin();
      other.execute("lock table event in access exclusive mode");

      StatusEndpoint status = StatusEndpoint.of(pool, () -> true, List::of);
      assertThat(status.answer(now().bytes()).html()).contains("the history is missing");
      other.rollback();
    }
    assertThat(html(now())).doesNotContain("the history is missing");
  }

  @Test
  void namesAreTextWhateverTheyAre() throws Exception {
    jdbi.useHandle(
        h -> {
          event(h, HOSTILE, HOSTILE, 1, 1, "{}");
          h.execute(
              "update event set message = ?, data = jsonb_build_object('cause', ?)",
              HOSTILE,
              HOSTILE);
          event(h, "failover", HOSTILE, 1, 1, "{}");
          h.execute("insert into stored (user_id, counted, bytes) values (?, 'm', 1e9)", HOSTILE);
          call(h, HOSTILE, true, "k", "{}");
        });
    Asking asking = now().call("k");
    asking.edge().put("kind", HOSTILE);
    asking.origin(0).put("name", HOSTILE).put("release", HOSTILE);
    ((ObjectNode) asking.origin(0).path("lastFailure")).put("reason", HOSTILE);

    String page = html(asking) + html(now().call(HOSTILE)) + html(now().part("main"));

    assertThat(page).doesNotContain("<script>alert").doesNotContain("alert('x')");
    assertThat(page.split("alert\\(&#39;x&#39;\\)").length).isGreaterThan(9);
  }

  @ParameterizedTest
  @CsvSource({
    "true, false, healthy, unhealthy, No standby is ready.",
    "false, true, unhealthy, healthy, The standby serves: <bdi>flyio-standby</bdi>.",
    "false, true, drained, healthy, The standby serves: <bdi>flyio-standby</bdi>.",
    "false, false, unhealthy, suspect, No origin is healthy.",
    "false, false, healthy, healthy, No origin has been chosen yet.",
  })
  void theHeadlineSaysWhoServes(
      boolean first, boolean second, String one, String other, String said) throws Exception {
    Asking asking = now().part("main");
    asking.origin(0).put("active", first).put("state", one);
    asking.origin(1).put("active", second).put("state", other);

    assertThat(html(asking)).contains(said);
  }

  @Test
  void thePublicPageHasNoNames() throws Exception {
    jdbi.useHandle(StatusPageTest::busyDay);
    Asking asking = now().part("public");
    asking.origin(0).put("active", false).put("state", "unhealthy");
    asking.origin(1).put("active", true);

    String page = html(asking);

    assertThat(page)
        .contains("Degraded: calls are answered by the standby.")
        .contains("50 min 0 s", "30.0 s")
        .doesNotContain("koyeb", "flyio", "refused", "cut off", "<script", "sign-out", "<bdi>ann");
    assertThat(page.split("<li>")).as("what overlaps is one incident").hasSize(11);
  }

  @Test
  void theNewestIncidentsAreShown() throws Exception {
    jdbi.useHandle(
        h ->
            h.execute(
                """
                insert into event (id, kind, origin, message, at, ended, data)
                select gen_random_uuid(), 'outage', 'a', 'm', now() - n * interval '1 minute',
                  now() - n * interval '1 minute' + n * interval '0.1 s', '{}'
                from generate_series(1, 300) n
                """));

    String page = html(now().part("public"));

    assertThat(page.split("<li>")).as("of 291 that lasted for a second").hasSize(201);
    assertThat(page).contains(": 1.0 s</li>").doesNotContain(": 30.0 s</li>");
  }

  @Test
  void anOutageThatIsNotToldOfAnyMoreIsOver() throws Exception {
    jdbi.useHandle(
        h -> {
          event(h, "outage", "koyeb-primary", 30, 0, "{}");
          h.execute("update event set ended = null");
        });
    assertThat(html(now().part("public"))).contains("goes on");
    jdbi.useHandle(
        h ->
            h.execute(
                "update event set at = now() - interval '30 minutes', told = now() - interval '20"
                    + " minutes'"));
    assertThat(html(now().part("public"))).contains("10 min 0 s");
  }

  @Test
  void aCallIsFoundByItsIdOrKeyWhoeverHasIt() throws Exception {
    String id = "01a2125b-25e8-7353-b1dd-1ab07c03a0d1";
    jdbi.useHandle(
        h -> {
          call(h, "ann", true, "order-1", "{\"secret\": 1}");
          call(h, "bob", true, "order-1", "{\"secret\": 1}");
          call(h, "cem", false, id, "{\"secret\": 1}");
        });

    assertThat(html(now().call(" order-1 ")))
        .contains("It has run, once.", "<bdi>ann</bdi>", "<bdi>bob</bdi>", "Key of the client")
        .contains("memory_save", "<dd>2</dd>", "Committed", "value=\" order-1 \"")
        .doesNotContain("secret", "Received");
    assertThat(html(now().call("mcpist-" + id)))
        .contains("<bdi>cem</bdi>", "Received", "<bdi>" + id + "</bdi>")
        .contains("It was not said that its client has no answer.");
    for (String unknown : List.of("order-2", "no key, having blanks", "\u0000")) {
      assertThat(html(now().call(unknown)))
          .contains("Nothing is recorded under this.", "Its tool only reads.");
    }
    assertThat(html(now().call("  "))).doesNotContain("Nothing is recorded");
  }

  /** It is what a browser would make of it: no element is left open, and each label is there. */
  @Test
  void itsStructureIsSound() throws Exception {
    jdbi.useHandle(StatusPageTest::busyDay);
    Element main =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new InputSource(new StringReader("<main>" + html(now().part("main")) + "</main>")))
            .getDocumentElement();

    List<Element> all = elements(main);
    List<String> ids =
        all.stream().map(e -> e.getAttribute("id")).filter(i -> !i.isEmpty()).toList();
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(all.stream().map(e -> e.getAttribute("aria-labelledby")).filter(l -> !l.isEmpty()))
        .isNotEmpty()
        .isSubsetOf(ids);
    assertThat(all.stream().filter(e -> e.getTagName().equals("th")))
        .isNotEmpty()
        .allMatch(e -> !e.getAttribute("scope").isEmpty());
    for (Element table : all.stream().filter(e -> e.getTagName().equals("table")).toList()) {
      List<Element> rows =
          elements(table).stream().filter(e -> e.getTagName().equals("tr")).toList();
      assertThat(rows.stream().map(r -> cells(r)))
          .as("cells of each row")
          .containsOnly(cells(rows.getFirst()));
    }
    List<String> headings =
        all.stream().map(Element::getTagName).filter(t -> t.matches("h[1-6]")).toList();
    assertThat(headings.getFirst()).isEqualTo("h2");
    assertThat(headings).containsOnly("h2", "h3");
  }

  private static long cells(Element row) {
    return elements(row).stream().filter(e -> e.getTagName().matches("t[hd]")).count();
  }

  private static List<Element> elements(Element of) {
    NodeList all = of.getElementsByTagName("*");
    return IntStream.range(0, all.getLength()).mapToObj(i -> (Element) all.item(i)).toList();
  }

  @Test
  void theScriptFindsThePartsAlwaysInTheSameOrder() throws Exception {
    String empty = html(now().part("main"));
    jdbi.useHandle(StatusPageTest::busyDay);

    assertThat(parts(html(now().part("main")))).isEqualTo(parts(empty)).hasSize(11);
    assertThat(parts(StatusEndpoint.off().answer(now().part("main").bytes()).html()))
        .isEqualTo(parts(empty));
  }

  private static List<String> parts(String main) {
    List<String> parts = new ArrayList<>();
    Arrays.stream(main.split("\n"))
        .filter(line -> line.matches("<(p|div|section) id=.*"))
        .forEach(line -> parts.add(line.replaceAll("^<[a-z]+ id=\"([a-z]+)\".*", "$1")));
    return parts;
  }

  @Test
  void itDoesNotChangeWhileNothingHappens() throws Exception {
    jdbi.useHandle(StatusPageTest::busyDay);
    Asking asking = now().part("main");
    String first = html(asking);
    asking.edge().put("at", Instant.parse(text(asking)).plusMillis(1).toString());

    assertThat(html(asking)).isEqualTo(first);
  }

  private static String text(Asking asking) {
    return Objects.requireNonNull(asking.edge().get("at")).stringValue();
  }

  @Test
  void nothingIsLoadedAndThePolicyFitsWhatIsInline() throws Exception {
    StatusEndpoint.Page page = StatusEndpoint.off().answer(now().bytes());

    assertThat(page.policy())
        .startsWith("default-src 'none'; style-src 'sha256-")
        .contains("script-src 'sha256-", "frame-ancestors 'none'", "base-uri 'none'");
    assertThat(page.html())
        .doesNotContainPattern("(src|href)=\"(?!data:)")
        .doesNotContain("style=");
    assertThat(Stream.of("style", "script").map(tag -> hash(page.html(), tag)))
        .allMatch(page.policy()::contains);
  }

  private static String hash(String html, String tag) {
    String inline =
        html.substring(html.indexOf("<" + tag + ">") + tag.length() + 2, html.indexOf("</" + tag));
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(inline.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
