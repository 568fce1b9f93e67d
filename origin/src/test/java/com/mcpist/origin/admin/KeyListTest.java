package com.mcpist.origin.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminClient.Answer;
import com.mcpist.origin.fixture.TestKey;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What there is of keys and users: nothing hides, and what was found is traced to its name. */
final class KeyListTest {
  private static final String ADD =
      """
      insert into api_key (id, digest, name, user_id, created_at, expires_at, revoked_at)
      values (gen_random_uuid(), decode(?, 'hex'), ?, 'ann', now() + ?::interval,
        now() + ?::interval, now() + ?::interval)
      """;

  private static TestDatabase database;
  private static AdminClient client;
  private static Jdbi owner;

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    client = AdminClient.on(database);
    owner = Jdbi.create(database.dataSource());
  }

  @AfterAll
  static void stop() throws SQLException {
    client.close();
    database.close();
  }

  @BeforeEach
  void empty() {
    owner.useHandle(h -> h.execute("truncate api_key, account"));
  }

  /** A key that was made so long ago, ends then, and was revoked then; null: it is not. */
  private static TestKey stored(
      String name, String age, @Nullable String expires, @Nullable String revoked) {
    TestKey key = TestKey.random();
    owner.useHandle(h -> h.execute(ADD, key.digest(), name, "-" + age, expires, revoked));
    return key;
  }

  private static List<String> names(JsonNode list) {
    return list.path("keys").valueStream().map(key -> key.path("name").asString()).toList();
  }

  @Test
  void aKeyThatWorksIsBeforeAllThatDoNotHoweverManyAreNewer() {
    stored("planted", "3 days", null, null);
    stored("ending", "2 days", "1 hour", null);
    stored("over", "1 hour", "-1 second", null);
    IntStream.range(0, 30).forEach(i -> stored("gone " + i, i + " minutes", null, "-1 second"));

    JsonNode list = client.get("keys?limit=3").body();

    assertThat(names(list)).containsExactly("ending", "planted", "gone 0");
    assertThat(list.path("total").asInt()).isEqualTo(33);
    assertThat(list.path("working").asInt()).isEqualTo(2);
  }

  @Test
  void pageByPageEachIsThereOnce() {
    IntStream.range(0, 7)
        .forEach(i -> stored("key " + i, "1 hour", null, i % 2 == 0 ? null : "-1 second"));
    List<String> all = names(client.get("keys?limit=100").body());
    assertThat(all).hasSize(7).doesNotHaveDuplicates();

    List<String> paged = new ArrayList<>();
    JsonNode page = client.get("keys?limit=2").body();
    while (!names(page).isEmpty()) {
      assertThat(page.path("total").asInt()).isEqualTo(7);
      paged.addAll(names(page));
      String last = page.path("keys").path(names(page).size() - 1).path("id").asString();
      page = client.get("keys?limit=2&after=" + last).body();
    }

    assertThat(paged).isEqualTo(all);
  }

  @Test
  void withoutKeysThereAreNone() {
    assertThat(client.get("keys").body().toString())
        .isEqualTo("{\"total\":0,\"working\":0,\"keys\":[]}");
  }

  @Test
  void aKeyIsFoundByItsDigestWhateverHasBecomeOfIt() {
    TestKey works = stored("laptop", "1 day", null, null);
    TestKey revoked = stored("lost", "1 day", null, "-1 hour");

    JsonNode found = client.get("digests/" + works.digest()).body().path("key");
    assertThat(found.path("name").asString()).isEqualTo("laptop");
    assertThat(found.path("user").asString()).isEqualTo("ann");
    assertThat("key:" + found.path("fingerprint").asString()).isEqualTo(works.user());
    assertThat(found.path("revoked").isNull()).isTrue();
    JsonNode lost = client.get("digests/" + revoked.digest()).body().path("key");
    assertThat(lost.path("name").asString()).isEqualTo("lost");
    assertThat(lost.path("revoked").isString()).isTrue();
  }

  @Test
  void aDigestThatIsNobodysIsAnAnswerOfItsOwn() {
    Answer nobody = client.get("digests/" + TestKey.random().digest());

    assertThat(nobody.status()).isEqualTo(200);
    assertThat(nobody.body().toString()).isEqualTo("{\"key\":null}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "digests/abc | 400 | The digest must be SHA-256 in lower-case hex.",
        "digests | 404 | There is nothing at this path.",
        "keys?after=x | 400 | after must be a UUID.",
        "keys?limit=1001 | 400 | limit must be a whole number from 1 to 1000.",
        "plans?limit=0 | 400 | limit must be a whole number from 1 to 1000.",
        "plans?after=a%20b | 400 | after must be 1 to 255 visible ASCII characters",
      })
  void whatIsWrongIsSaid(String path, int status, String message) {
    Answer answer = client.get(path);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.message()).contains(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE"})
  void aDigestIsOnlyLookedUp(String method) {
    String path = "digests/" + TestKey.random().digest();

    Answer answer =
        client.send(
            client
                .request(path)
                .method(method, java.net.http.HttpRequest.BodyPublishers.ofString("{}")));

    assertThat(answer.status()).isEqualTo(405);
  }

  @Test
  void nobodyWithoutTheTokenLooksADigestUp() throws Exception {
    String path = "/api/admin/digests/" + TestKey.random().digest();

    assertThat(client.origin.send(client.origin.to(path).GET()).statusCode()).isEqualTo(401);
  }

  @Test
  void whoHasTheStandardPlanAgainIsNoUserWithAnother() {
    assertThat(client.put("plans/team", "{\"callsPerMinute\": 9, \"callsAtOnce\": 9}").status())
        .isEqualTo(200);
    client.put("users/alice", "{\"plan\": \"team\"}");
    client.put("users/bob", "{\"plan\": \"team\"}");
    client.put("users/alice", "{\"plan\": \"standard\"}");

    JsonNode plans = client.get("plans").body();

    assertThat(plans.path("users").toString()).isEqualTo("[{\"user\":\"bob\",\"plan\":\"team\"}]");
    assertThat(plans.path("totalUsers").asInt()).isEqualTo(1);
  }

  @Test
  void usersComePageByPageToo() {
    client.put("plans/team", "{\"callsPerMinute\": 9, \"callsAtOnce\": 9}");
    List.of("ann", "bob", "cid")
        .forEach(user -> client.put("users/" + user, "{\"plan\": \"team\"}"));

    JsonNode first = client.get("plans?limit=2").body();
    JsonNode second = client.get("plans?limit=2&after=bob").body();

    assertThat(first.path("users").findValuesAsString("user")).containsExactly("ann", "bob");
    assertThat(second.path("users").findValuesAsString("user")).containsExactly("cid");
    assertThat(first.path("totalUsers").asInt()).isEqualTo(3);
    assertThat(second.path("totalUsers").asInt()).isEqualTo(3);
  }
}
