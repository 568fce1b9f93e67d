package com.mcpist.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.uuid.Generators;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.testkit.TestDatabase;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Calls that are sent again, from the wire to the database. */
final class ResendTest {
  private static final int RANDOM_BITS = 16;

  private static TestDatabase database;
  private static Jdbi jdbi;
  private static RunningOrigin origin;
  private final String user = UUID.randomUUID().toString();

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    jdbi = Jdbi.create(database.dataSource());
    origin = RunningOrigin.start(database, Map.of()).awaitHealthy();
  }

  @AfterAll
  static void stop() throws SQLException {
    origin.close();
    database.close();
  }

  private static String id(Duration ago) {
    UUID now = Generators.timeBasedEpochGenerator().generate();
    long old = now.getMostSignificantBits() - (ago.toMillis() << RANDOM_BITS);
    return new UUID(old, now.getLeastSignificantBits()).toString();
  }

  private HttpResponse<String> save(String callId, String... headers) throws Exception {
    HttpRequest.Builder request =
        origin
            .to("/mcp")
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("X-User-Id", user)
            .header("X-Call-Id", callId)
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    """
                    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params":
                     {"name": "memory_save", "arguments": {"title": "a", "text": "b"}}}\
                    """));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return origin.send(request);
  }

  private static JsonNode result(HttpResponse<String> response) {
    return Definitions.json(response.body()).path("result");
  }

  private int memories() {
    return jdbi.withHandle(
        h ->
            h.createQuery("select count(*) from memory where user_id = ?")
                .bind(0, user)
                .mapTo(Integer.class)
                .one());
  }

  @Test
  void whatHasNoAnswerIsSavedOnceAndWhatHasOneIsNot() throws Exception {
    String call = id(Duration.ZERO);
    JsonNode saved = result(save(call));
    assertThat(save(call, "X-Undelivered", "true").statusCode()).isEqualTo(204);

    assertThat(result(save(id(Duration.ZERO)))).isEqualTo(saved);
    assertThat(memories()).isOne();

    assertThat(result(save(id(Duration.ZERO)))).isNotEqualTo(saved);
    assertThat(memories()).isEqualTo(2);
  }

  /** An origin that was stopped goes on with a notice that another one has recorded long ago. */
  @Test
  void aNoticeIsNotRecordedAfterItsDeadline() throws Exception {
    String call = id(Duration.ZERO);
    long past = Instant.now().minusMillis(1).toEpochMilli();

    HttpResponse<String> late =
        save(call, "X-Undelivered", "true", "X-Deadline", Long.toString(past));

    assertThat(late.statusCode()).isEqualTo(503);
    JsonNode first = result(save(id(Duration.ZERO)));
    assertThat(result(save(id(Duration.ZERO)))).isNotEqualTo(first);
    assertThat(memories()).isEqualTo(2);
  }

  @Test
  void aNoticeOfACallThatIsForgottenIsNotAcknowledged() throws Exception {
    String call = id(Duration.ofMinutes(16));

    HttpResponse<String> late =
        save(id(Duration.ZERO), "Idempotency-Key", "mcpist-" + call, "X-Undelivered", "true");

    assertThat(late.statusCode()).isEqualTo(410);
    assertThat(late.body()).contains("outcome_unknown", "nothing was run now");
  }

  @Test
  void aCallThatIsForgottenIsNotSavedTwice() throws Exception {
    String call = id(Duration.ofMinutes(16));
    assertThat(result(save(call)).path("isError").asBoolean()).isFalse();
    jdbi.useHandle(h -> h.execute("delete from tool_call where user_id = ?", user));

    HttpResponse<String> byNumber = save(call, "X-Attempt", "65");
    HttpResponse<String> byKey =
        save(id(Duration.ZERO), "Idempotency-Key", "mcpist-" + call, "X-Attempt", "1");

    assertThat(byNumber.body()).contains("outcome_unknown", "nothing was run now");
    assertThat(byKey.body()).contains("outcome_unknown", "nothing was run now");
    assertThat(memories()).isOne();
  }
}
