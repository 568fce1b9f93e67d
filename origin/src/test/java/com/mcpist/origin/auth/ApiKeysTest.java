package com.mcpist.origin.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.fixture.TestKey;
import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys in the database, and for three seconds in memory. */
final class ApiKeysTest {
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicBoolean ready = new AtomicBoolean(true);
  private TestDatabase database;
  private Jdbi owner;
  private Database pool;
  private ApiKeys keys;

  @BeforeEach
  void start() throws SQLException {
    database = TestDatabase.create();
    owner = Jdbi.create(database.dataSource());
    TestSchema.make(database);
    pool = TestSchema.pool(database, 2);
    keys = new ApiKeys(digest -> ApiKeys.find(pool, ready::get, digest), nanos::get);
  }

  @AfterEach
  void stop() throws SQLException {
    keys.close();
    pool.close();
    database.close();
  }

  private TestKey stored(String user, @Nullable String expires) {
    TestKey key = TestKey.random();
    owner.useHandle(
        h ->
            h.execute(
                "insert into api_key (id, digest, name, user_id, created_at, expires_at) values"
                    + " (gen_random_uuid(), decode(?, 'hex'), ?, ?, now(), now() + ?::interval)",
                key.digest(),
                key.user(),
                user,
                expires));
    return key;
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void eachKeyIsItsUsers() throws Exception {
    TestKey ann = stored("ann", null);
    TestKey bob = stored("bob", "1 hour");

    assertThat(keys.user(ann.digest())).hasValue("ann");
    assertThat(keys.user(bob.digest())).hasValue("bob");
    assertThat(keys.user(TestKey.random().digest())).isEmpty();
  }

  @Test
  void oneThatHasExpiredIsNone() throws Exception {
    assertThat(keys.user(stored("ann", "-1 second").digest())).isEmpty();
  }

  @Test
  void oneThatIsRevokedStopsAfterThreeSeconds() throws Exception {
    TestKey key = stored("ann", null);
    assertThat(keys.user(key.digest())).hasValue("ann");
    owner.useHandle(h -> h.execute("update api_key set revoked_at = now()"));

    pass(Duration.ofMillis(2_900));
    assertThat(keys.user(key.digest())).as("from memory").hasValue("ann");
    pass(Duration.ofMillis(101));
    assertThat(keys.user(key.digest())).isEmpty();
  }

  @Test
  void oneThatWasUnknownIsFoundAfterThreeSeconds() throws Exception {
    TestKey key = TestKey.random();
    assertThat(keys.user(key.digest())).isEmpty();
    owner.useHandle(
        h ->
            h.execute(
                "insert into api_key (id, digest, name, user_id, created_at) values"
                    + " (gen_random_uuid(), decode(?, 'hex'), 'late', 'ann', now())",
                key.digest()));

    assertThat(keys.user(key.digest())).as("from memory").isEmpty();
    pass(Duration.ofSeconds(3));
    assertThat(keys.user(key.digest())).hasValue("ann");
  }

  @Test
  void connectionsThatAreLostUnseenCostNothing() {
    for (int i = 0; i < 3; i++) {
      String user = "ann" + i;
      TestKey key = stored(user, null);
      // A slow machine may take longer to connect than a key is waited for.
      Conditions.await(
          "a connection that is lost costs nothing",
          () -> {
            owner.useHandle(
                h ->
                    h.execute(
                        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where"
                            + " datname = current_database() and pid <> pg_backend_pid()"));
            return keys.user(key.digest()).equals(Optional.of(user));
          });
    }
  }

  @Test
  void aFailureIsSaidAndNotKept() throws Exception {
    TestKey key = stored("ann", null);
    ready.set(false);
    assertThatThrownBy(() -> keys.user(key.digest()))
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.status()).isEqualTo(503));

    ready.set(true);
    assertThat(keys.user(key.digest())).hasValue("ann");
  }

  @Test
  void manyUnknownOnesAtOnceAreAllAnswered() {
    List<Boolean> answered =
        Stream.generate(TestKey::random)
            .limit(200)
            .parallel()
            .map(
                key -> {
                  try {
                    return keys.user(key.digest()).isEmpty();
                  } catch (RefusedException e) {
                    return false;
                  }
                })
            .toList();

    assertThat(answered).hasSize(200).containsOnly(true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select name from api_key",
        "select name from api_key where user_id = 'ann'",
        "update api_key set user_id = 'eve' returning name",
      })
  void aStatementThatAsksForNoDigestFindsNoKey(String sql) throws Exception {
    stored("ann", null);
    stored("bob", null);

    try (Handle handle = Jdbi.create(jdbc()).open()) {
      assertThat(handle.createQuery(sql).mapTo(String.class).list()).isEmpty();
    }
  }

  @Test
  void aStatementThatAsksForOneDigestFindsOneKeyAndChangesNone() throws Exception {
    TestKey ann = stored("ann", null);
    stored("bob", null);

    try (Handle handle = Jdbi.create(jdbc()).open()) {
      handle
          .createQuery("select set_config('mcpist.key_digest', ?, false)")
          .bind(0, ann.digest())
          .mapTo(String.class)
          .one();
      assertThat(handle.createQuery("select user_id from api_key").mapTo(String.class).list())
          .containsExactly("ann");
      assertThat(handle.createUpdate("update api_key set revoked_at = null").execute()).isZero();
      assertThatThrownBy(
              () ->
                  handle.execute(
                      "insert into api_key (id, digest, name, user_id, created_at) values"
                          + " (gen_random_uuid(), sha256('x'), 'x', 'eve', now())"))
          .hasMessageContaining("violates row-level security policy");
      assertThat(handle.createUpdate("update plan set calls_per_minute = 1000").execute()).isZero();
      assertThatThrownBy(() -> handle.execute("insert into account values ('eve', 'standard')"))
          .hasMessageContaining("violates row-level security policy");
    }
  }

  private String jdbc() {
    return "jdbc:postgresql://127.0.0.1:"
        + database.port()
        + "/"
        + database.name()
        + "?user=mcpist";
  }
}
