package com.mcpist.origin.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminClient.Answer;
import com.mcpist.origin.fixture.TestKey;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** API keys, as their administrator has them. */
final class KeysTest {
  private static TestDatabase database;
  private static AdminClient client;

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    client = AdminClient.on(database);
  }

  @AfterAll
  static void stop() throws SQLException {
    client.close();
    database.close();
  }

  private static ObjectNode key(String name, String user, String digest) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("name", name)
        .put("user", user)
        .put("digest", digest);
  }

  private static Answer make(ObjectNode key) {
    return client.post("keys", key.toString());
  }

  private static String name() {
    return "key " + UUID.randomUUID().toString().substring(0, 8);
  }

  @Test
  void oneThatIsMadeIsListedWithoutItsDigest() {
    String name = name();
    TestKey secret = TestKey.random();

    Answer made = make(key(name, "ann", secret.digest()).put("expires", "2099-01-31T12:00:00Z"));

    assertThat(made.status()).isEqualTo(201);
    assertThat(made.body().propertyNames())
        .containsExactly("id", "name", "user", "created", "expires");
    assertThat(made.body().path("expires").asString()).isEqualTo("2099-01-31T12:00:00Z");
    JsonNode newest = client.get("keys?limit=1").body().path("keys").get(0);
    assertThat(newest.path("name").asString()).isEqualTo(name);
    assertThat(newest.path("user").asString()).isEqualTo("ann");
    assertThat(newest.path("revoked").isNull()).isTrue();
    assertThat(newest.toString()).doesNotContain(secret.digest());
  }

  @Test
  void twiceIsAsOnce() {
    ObjectNode key = key(name(), "ann", TestKey.random().digest());

    Answer first = make(key);
    Answer again = make(key);

    assertThat(again.status()).isEqualTo(201);
    assertThat(again.body()).isEqualTo(first.body());
  }

  @Test
  void aNameIsOfOneKeyUntilThatIsRevoked() {
    String name = name();
    Answer first = make(key(name, "ann", TestKey.random().digest()));
    ObjectNode second = key(name, "ann", TestKey.random().digest());

    Answer taken = make(second);
    assertThat(taken.status()).isEqualTo(409);
    assertThat(taken.code()).isEqualTo("name_taken");

    assertThat(client.delete("keys/" + first.body().path("id").asString()).status()).isEqualTo(200);
    assertThat(make(second).status()).isEqualTo(201);
  }

  /** Of two who take it at once one gets it, as if the name had never been taken. */
  @Test
  void aNameIsFreeOnceItsKeyHasExpired() {
    String name = name();
    String expired = TestKey.random().digest();
    assertThat(make(key(name, "ann", expired).put("expires", "2099-01-31T12:00:00Z")).status())
        .isEqualTo(201);
    Jdbi owner = Jdbi.create(database.dataSource());
    owner.useHandle(
        h ->
            h.execute(
                "update api_key set expires_at = now() - interval '1 day' where name = ?", name));

    List<Integer> statuses =
        IntStream.range(0, 4)
            .parallel()
            .mapToObj(i -> make(key(name, "ann", TestKey.random().digest())).status())
            .toList();

    assertThat(statuses).containsExactlyInAnyOrder(201, 409, 409, 409);
    JsonNode old = client.get("digests/" + expired).body().path("key");
    assertThat(old.path("revoked")).isEqualTo(old.path("expires"));
    assertThat(old.path("revoked").isString()).isTrue();
    Answer ended = client.delete("keys/" + name.replace(" ", "%20"));
    assertThat(ended.body().path("id")).as("the one that works").isNotEqualTo(old.path("id"));
  }

  /** Whoever comes second waits until it is known whether the first one has got the name. */
  @ParameterizedTest
  @CsvSource({"true, 409", "false, 201"})
  void whoeverIsSecondWaitsForTheFirst(boolean stays, int status) throws Exception {
    String name = name();
    assertThat(make(key(name, "ann", TestKey.random().digest())).status()).isEqualTo(201);
    Jdbi owner = Jdbi.create(database.dataSource());
    owner.useHandle(h -> h.execute("update api_key set expires_at = now() where name = ?", name));
    try (Handle first = owner.open()) {
      first.begin();
      first.execute("update api_key set revoked_at = expires_at where name = ?", name);
      first.execute(
          "insert into api_key (id, digest, name, user_id, created_at)"
              + " values (gen_random_uuid(), decode(?, 'hex'), ?, 'ann', now())",
          TestKey.random().digest(),
          name);

      ObjectNode key = key(name, "ann", TestKey.random().digest());
      var second = CompletableFuture.supplyAsync(() -> make(key));
      Conditions.await(
          "the second waits",
          () ->
              owner.withHandle(
                  h ->
                      h.createQuery(
                              "select count(*) > 0 from pg_stat_activity where"
                                  + " datname = current_database() and wait_event_type = 'Lock'")
                          .mapTo(Boolean.class)
                          .one()));
      var _ = stays ? first.commit() : first.rollback();

      assertThat(second.join().status()).isEqualTo(status);
    }
  }

  @Test
  void aDigestIsOfOneKeyForEver() {
    String digest = TestKey.random().digest();
    String name = name();
    assertThat(make(key(name, "ann", digest)).status()).isEqualTo(201);

    assertThat(make(key(name(), "ann", digest)).status()).isEqualTo(400);
    assertThat(make(key(name, "bob", digest)).status()).isEqualTo(400);
    client.delete("keys/" + name.replace(" ", "%20"));
    assertThat(make(key(name, "ann", digest)).status()).isEqualTo(400);
  }

  @Test
  void itIsRevokedByItsNameOrItsIdAndTwiceIsAsOnce() {
    String name = name();
    String id = make(key(name, "ann", TestKey.random().digest())).body().path("id").asString();

    Answer first = client.delete("keys/" + name.replace(" ", "%20"));
    Answer again = client.delete("keys/" + id);
    Answer byName = client.delete("keys/" + name.replace(" ", "%20"));

    assertThat(first.status()).isEqualTo(200);
    assertThat(first.body().path("revoked").isString()).isTrue();
    assertThat(List.of(again.body(), byName.body())).containsOnly(first.body());
    assertThat(client.delete("keys/nobody%27s").code()).isEqualTo("not_found");
    assertThat(client.delete("keys/%00").status()).isEqualTo(400);
    assertThat(client.delete("keys/a%0Ab").status()).isEqualTo(400);
    assertThat(client.delete("keys/" + UUID.randomUUID()).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name | \"\" | name must not be blank",
        "name | \" x\" | name must be one line",
        "name | \"a\\nb\" | name must be one line",
        "name | \"01890000-0000-7000-8000-00000000000A\" | must not look like an id",
        "name | 5 | name must be a string",
        "user | \"\" | user must be",
        "user | \"a b\" | user must be",
        "user | \"key:x\" | must not begin with key:",
        "digest | \"abc\" | digest must be SHA-256",
        "digest | null | digest must be SHA-256",
        "expires | \"tomorrow\" | expires must be an instant",
        "expires | \"+10000-01-01T00:00:00Z\" | expires must be an instant before the year 10000",
        "expires | \"+1000000000-12-31T23:59:59Z\" | expires must be an instant",
        "expires | \"2001-01-01T00:00:00Z\" | expires must be in the future",
        "key | \"mcpist_x\" | Unknown field: key",
      })
  void whatIsWrongIsNamed(String field, String value, String said) {
    ObjectNode key = key(name(), "ann", TestKey.random().digest());
    key.set(field, com.mcpist.origin.fixture.Definitions.json("{\"x\":" + value + "}").get("x"));

    Answer answer = make(key);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.message()).contains(said);
  }

  @Test
  void nobodyWithoutTheTokenDoesAnyOfIt() throws Exception {
    for (String path : List.of("keys", "plans", "users/ann")) {
      assertThat(client.origin.send(client.origin.to("/api/admin/" + path).GET()).statusCode())
          .isEqualTo(401);
    }
  }
}
