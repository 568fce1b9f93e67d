package com.mcpist.origin.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolResult;
import com.mcpist.testkit.Conditions;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CleaningTest {
  private LedgerDatabase database;

  @BeforeEach
  void start() throws SQLException {
    database = LedgerDatabase.create();
  }

  @AfterEach
  void stop() throws SQLException {
    database.close();
  }

  @Test
  void expiredCallsAreDeletedByWhicheverOrigin() {
    insert("expired", 1300, "now() - interval '1 second'", "null");
    insert("kept", 3, "now() + interval '1 minute'", "null");
    insert("claimed", 2, "now() - interval '1 second'", "now() + interval '1 minute'");
    database
        .jdbi()
        .useHandle(
            h ->
                h.execute(
                    "insert into undelivered select 'ann', 't', 'h', n::text, 0, '{}', null,"
                        + " now() + n * interval '1 minute' from generate_series(-1300, 2) n"));

    Ledger.Config often = new LedgerConfig().cleanEvery(Duration.ofMillis(20)).build();
    try (LedgerOrigin one = LedgerOrigin.on(database.url(), often);
        LedgerOrigin other = LedgerOrigin.on(database.url(), often)) {
      assertThat(one).isNotSameAs(other);
      Conditions.await("the expired calls are gone", () -> count("expired") == 0);
      Conditions.await(
          "and the undelivered ones",
          () -> database.number("select count(*) from undelivered where expires_at < now()") == 0);
    }

    assertThat(count("kept")).isEqualTo(3);
    assertThat(count("claimed")).isEqualTo(2);
    assertThat(database.number("select count(*) from undelivered")).isEqualTo(2);
  }

  @Test
  void theEdgesIdIsKeptForAQuarterOfAnHourAfterTheDeadline() throws Exception {
    Instant deadline = Instant.now().plusSeconds(600).truncatedTo(ChronoUnit.MILLIS);
    TestInvocation call = TestInvocation.first().deadline(deadline);

    run(call);

    assertThat(expiry(call)).isEqualTo(deadline.plus(Duration.ofMinutes(15)));
  }

  @Test
  void theClientsKeyIsKeptForADay() throws Exception {
    TestInvocation call =
        TestInvocation.of(new Attempt.Key("ann", UUID.randomUUID().toString(), 0, true));
    Instant before = Instant.now();

    run(call);

    assertThat(expiry(call))
        .isBetween(
            before.plus(Duration.ofHours(24)).minusSeconds(1),
            Instant.now().plus(Duration.ofHours(24)).plusSeconds(1));
  }

  private void run(TestInvocation call) throws Exception {
    try (LedgerOrigin origin = LedgerOrigin.on(database.url())) {
      origin.run(LedgerOrigin.tool(Effect.WRITES_DATABASE, c -> ToolResult.text("done")), call);
    }
  }

  private Instant expiry(TestInvocation call) {
    return database
        .jdbi()
        .withHandle(
            h ->
                h.createQuery("select expires_at from tool_call where call_id = ?")
                    .bind(0, call.key().id())
                    .mapTo(OffsetDateTime.class)
                    .one())
        .toInstant();
  }

  private void insert(String tool, int rows, String expires, String lease) {
    database
        .jdbi()
        .useHandle(
            h ->
                h.execute(
                    "insert into tool_call (user_id, from_client, call_id, call_index, tool,"
                        + " arguments_hash, attempt, instance, lease_until, expires_at)"
                        + " select 'ann', false, ? || n, 0, ?, '', 1, 'test', "
                        + lease
                        + ", "
                        + expires
                        + " from generate_series(1, ?) n",
                    tool,
                    tool,
                    rows));
  }

  private int count(String tool) {
    return database
        .jdbi()
        .withHandle(
            h ->
                h.createQuery("select count(*) from tool_call where tool = ?")
                    .bind(0, tool)
                    .mapTo(Integer.class)
                    .one());
  }
}
