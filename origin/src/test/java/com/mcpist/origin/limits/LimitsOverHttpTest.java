package com.mcpist.origin.limits;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.RunningOrigin;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.origin.fixture.TestKey;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Keys and limits of the whole origin, over HTTP and on PostgreSQL. */
final class LimitsOverHttpTest {
  private static final String SAVE = "{\"title\": \"Mine\", \"text\": \"of %s\"}";
  private TestDatabase database;
  private Jdbi owner;
  private RunningOrigin primary;
  private RunningOrigin standby;

  @BeforeEach
  void start() throws SQLException {
    database = TestDatabase.create();
    owner = Jdbi.create(database.dataSource());
    primary = RunningOrigin.start(database, Map.of("DATABASE_POOL_SIZE", "3")).awaitHealthy();
    standby = RunningOrigin.start(database, Map.of("DATABASE_POOL_SIZE", "3")).awaitHealthy();
  }

  @AfterEach
  void stop() throws SQLException {
    standby.close();
    primary.close();
    database.close();
  }

  private static HttpResponse<String> call(
      RunningOrigin origin, String user, String token, String tool, String arguments)
      throws Exception {
    return call(origin, user, token, Requests.call("2025-11-25", tool, arguments), 1);
  }

  private static HttpResponse<String> call(
      RunningOrigin origin, String user, String token, ObjectNode request, int attempt)
      throws Exception {
    HttpRequest.Builder builder =
        origin
            .to("/mcp")
            .header("X-User-Id", user)
            .header("X-Call-Id", UUID.randomUUID().toString())
            .header("X-Attempt", Integer.toString(attempt))
            .header("MCP-Protocol-Version", "2025-11-25")
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .POST(HttpRequest.BodyPublishers.ofString(request.toString()));
    if (!token.isEmpty()) {
      builder.header("Authorization", "Bearer " + token);
    }
    return origin.send(builder);
  }

  private TestKey stored(String user) {
    TestKey key = TestKey.random();
    owner.useHandle(
        h ->
            h.execute(
                "insert into api_key (id, digest, name, user_id, created_at)"
                    + " values (gen_random_uuid(), decode(?, 'hex'), ?, ?, now())",
                key.digest(),
                user,
                user));
    return key;
  }

  private static String code(HttpResponse<String> response) {
    return Definitions.json(response.body()).path("error").path("data").path("code").asString("");
  }

  @Test
  void twoHoldersOfKeysNeverSeeEachOthersMemories() throws Exception {
    TestKey ann = stored("ann");
    TestKey bob = stored("bob");
    call(primary, ann.user(), ann.text(), "memory_save", SAVE.formatted("ann"));
    call(standby, bob.user(), bob.text(), "memory_save", SAVE.formatted("bob"));

    for (RunningOrigin origin : new RunningOrigin[] {primary, standby}) {
      assertThat(
              call(origin, ann.user(), ann.text(), "memory_search", "{\"query\": \"ann bob\"}")
                  .body())
          .contains("of ann")
          .doesNotContain("of bob");
      assertThat(call(origin, "bob", "", "memory_list", "{}").body())
          .as("a user by a token of another kind is the same user")
          .contains("Mine");
      assertThat(call(origin, "eve", "", "memory_list", "{}").body()).doesNotContain("Mine");
    }
  }

  @Test
  void aUserStoresWhatThePlanAllowsAtBothOriginsTogether() throws Exception {
    owner.useHandle(h -> h.execute("update plan set storage_mib = 1"));
    String large = "{\"title\": \"Large\", \"text\": \"%s\"}".formatted("x".repeat(20_000));
    int saved = 0;
    HttpResponse<String> response = call(primary, "ann", "", "memory_save", large);
    while (!response.body().contains("\"isError\":true")) {
      assertThat(response.body()).contains("Saved");
      saved++;
      response = call(saved % 2 == 0 ? primary : standby, "ann", "", "memory_save", large);
    }
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).contains("Nothing was done", "you may store 1.0 MiB");
    assertThat(saved).isBetween(40, 50);
    assertThat(call(primary, "bob", "", "memory_save", large).body()).contains("Saved");

    for (RunningOrigin origin : new RunningOrigin[] {primary, standby}) {
      String list = call(origin, "ann", "", "memory_list", "{\"limit\": 1}").body();
      String id =
          Definitions.json(list).path("result").path("structuredContent").findPath("id").asString();
      String one = "{\"id\": \"" + id + "\", \"forever\": true}";
      assertThat(call(origin, "ann", "", "memory_delete", one).body()).contains("Deleted");
      String smaller = large.replace("x".repeat(20_000), "x".repeat(15_000));
      assertThat(call(origin, "ann", "", "memory_save", smaller).body()).contains("Saved");
    }
  }

  @Test
  void aKeyThatIsRevokedStopsAtBothOrigins() throws Exception {
    TestKey key = stored("ann");
    for (RunningOrigin origin : new RunningOrigin[] {primary, standby}) {
      Conditions.await(
          "the key is good",
          () -> call(origin, key.user(), key.text(), "memory_list", "{}").statusCode() == 200);
    }
    owner.useHandle(h -> h.execute("update api_key set revoked_at = now()"));
    long revoked = System.nanoTime();

    for (RunningOrigin origin : new RunningOrigin[] {primary, standby}) {
      HttpResponse<String> refused = untilRefused(origin, key, revoked);
      assertThat(code(refused)).isEqualTo("invalid_token");
      assertThat(refused.headers().firstValue("WWW-Authenticate").orElse(""))
          .contains("error=\"invalid_token\"");
      assertThat(refused.headers().firstValue("Cache-Control")).hasValue("no-store");
      assertThat(refused.body() + refused.headers().map())
          .doesNotContain(key.text())
          .doesNotContain(key.digest());
    }
  }

  /** However slow the machine is: whoever begins to call after 5 s is not let in. */
  private static HttpResponse<String> untilRefused(RunningOrigin origin, TestKey key, long revoked)
      throws Exception {
    while (true) {
      long begun = System.nanoTime();
      HttpResponse<String> response = call(origin, key.user(), key.text(), "memory_list", "{}");
      if (response.statusCode() == 401) {
        return response;
      }
      if (response.statusCode() == 200) {
        assertThat(Duration.ofNanos(begun - revoked)).isLessThan(Duration.ofSeconds(5));
      }
    }
  }

  @Test
  void whoCallsTooMuchIsToldAndNobodyElseNoticesIt() throws Exception {
    owner.useHandle(
        h -> {
          h.execute("insert into plan values ('tiny', 3, 50)");
          h.execute("insert into account values ('ann', 'tiny')");
        });

    // On a slow machine her first call is one of the standard plan, and some of the minute's come
    // back meanwhile.
    HttpResponse<String> refused =
        Conditions.awaitValue(
            "ann is refused",
            Conditions.LIMIT,
            () ->
                Optional.of(call(primary, "ann", "", "memory_list", "{}"))
                    .filter(answer -> answer.statusCode() == 429));

    assertThat(code(refused)).isEqualTo("rate_limited");
    assertThat(Definitions.json(refused.body()).path("id").asInt()).isEqualTo(7);
    assertThat(refused.headers().firstValue("Retry-After").orElse("")).matches("[1-9][0-9]?");
    assertThat(refused.headers().firstValue("RateLimit-Policy")).hasValue("\"minute\";q=3;w=60");
    assertThat(refused.headers().firstValue("RateLimit").orElse(""))
        .matches("\"minute\";r=0;t=[0-9]+");
    assertThat(call(primary, "bob", "", "memory_list", "{}").statusCode()).isEqualTo(200);
    assertThat(call(standby, "ann", "", "memory_list", "{}").statusCode())
        .as("each origin counts for itself")
        .isEqualTo(200);
    ObjectNode list = Requests.request("2025-11-25", "tools/list", "{}");
    assertThat(call(primary, "ann", "", list, 1).statusCode()).as("not a call").isEqualTo(200);
    ObjectNode again = Requests.call("2025-11-25", "memory_list", "{}");
    assertThat(call(primary, "ann", "", again, 2).statusCode()).as("a replay").isEqualTo(200);
  }

  @Test
  void limitsCanBeSwitchedOff() throws Exception {
    owner.useHandle(h -> h.execute("update plan set calls_per_minute = 1"));
    try (RunningOrigin unlimited =
        RunningOrigin.start(database, Map.of("DATABASE_POOL_SIZE", "2", "LIMITS", "off"))
            .awaitHealthy()) {
      for (int i = 0; i < 5; i++) {
        assertThat(call(unlimited, "ann", "", "memory_list", "{}").statusCode()).isEqualTo(200);
      }
    }
  }
}
