package com.mcpist.origin.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminClient.Answer;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Plans and users, as their administrator has them. */
final class PlanActionsTest {
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

  @Test
  void plansAreSetAndGivenToUsers() {
    assertThat(plan("standard").toString())
        .isEqualTo(
            "{\"name\":\"standard\",\"callsPerMinute\":300,\"callsAtOnce\":50,"
                + "\"storageMib\":100}");
    Answer made = client.put("plans/large", "{\"callsPerMinute\": 3000, \"callsAtOnce\": 200}");
    assertThat(made.status()).isEqualTo(200);
    assertThat(
            client.put("plans/large", "{\"callsPerMinute\": 3001, \"callsAtOnce\": 200}").status())
        .isEqualTo(200);
    assertThat(plan("large").path("callsPerMinute").asInt()).isEqualTo(3001);

    Answer given = client.put("users/auth0%7Ca%2Fb+c", "{\"plan\": \"large\"}");
    assertThat(given.body().toString()).isEqualTo("{\"user\":\"auth0|a/b+c\",\"plan\":\"large\"}");
    assertThat(client.put("users/auth0%7Ca%2Fb+c", "{\"plan\": \"large\"}").status())
        .isEqualTo(200);
    assertThat(client.get("plans").body().path("users").toString())
        .contains("{\"user\":\"auth0|a/b+c\",\"plan\":\"large\"}");
    String stored =
        Jdbi.create(database.dataSource())
            .withHandle(
                h ->
                    h.createQuery("select user_id from account where plan = 'large'")
                        .mapTo(String.class)
                        .one());
    assertThat(stored).isEqualTo("auth0|a/b+c");
  }

  @Test
  void aPlanKeepsWhatIsNotSaidOfItsStorage() {
    client.put("plans/kept", "{\"callsPerMinute\": 1, \"callsAtOnce\": 1}");
    assertThat(plan("kept").path("storageMib").asInt()).isEqualTo(100);
    client.put("plans/kept", "{\"callsPerMinute\": 1, \"callsAtOnce\": 1, \"storageMib\": 7}");
    Answer said = client.put("plans/kept", "{\"callsPerMinute\": 2, \"callsAtOnce\": 1}");
    assertThat(said.body().path("storageMib").asInt()).isEqualTo(7);
    assertThat(plan("kept").path("storageMib").asInt()).isEqualTo(7);
  }

  @Test
  void whoHasStoredMostComesFirstAndWhoHasAPlanIsThereToo() {
    Jdbi.create(database.dataSource())
        .useHandle(
            h -> {
              h.execute("delete from account");
              h.execute(
                  "insert into stored (user_id, counted, bytes) values ('few', 'memory', 10),"
                      + " ('most', 'memory', 15), ('most', 'tool_call', 5),"
                      + " ('none', 'memory', 8), ('none', 'memory', -8)");
            });
    client.put("plans/team", "{\"callsPerMinute\": 9, \"callsAtOnce\": 9}");
    client.put("users/few", "{\"plan\": \"team\"}");
    client.put("users/planned", "{\"plan\": \"team\"}");
    client.put("users/back", "{\"plan\": \"standard\"}");

    JsonNode all = client.get("users").body();
    assertThat(all.path("users").toString())
        .isEqualTo(
            "[{\"user\":\"most\",\"plan\":\"standard\",\"storedBytes\":20},"
                + "{\"user\":\"few\",\"plan\":\"team\",\"storedBytes\":10},"
                + "{\"user\":\"planned\",\"plan\":\"team\",\"storedBytes\":0}]");
    JsonNode one = client.get("users?limit=1").body();
    assertThat(one.path("users")).hasSize(1);
    assertThat(one.path("totalUsers").asInt()).isEqualTo(3);
    assertThat(client.get("users?limit=0").status()).isEqualTo(400);
  }

  private static JsonNode plan(String name) {
    return client
        .get("plans")
        .body()
        .path("plans")
        .valueStream()
        .filter(p -> p.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plans/Large | {\"callsPerMinute\": 1, \"callsAtOnce\": 1} | 400",
        "plans/large | {\"callsPerMinute\": 0, \"callsAtOnce\": 1} | 400",
        "plans/large | {\"callsPerMinute\": 1} | 400",
        "plans/large | {\"callsPerMinute\": 1, \"callsAtOnce\": 1, \"x\": 1} | 400",
        "plans/ | {\"callsPerMinute\": 1, \"callsAtOnce\": 1} | 400",
        "users/ann | {\"plan\": \"none\"} | 404",
        "users/ann | {\"plan\": \"\"} | 400",
        "users/%20 | {\"plan\": \"standard\"} | 400",
        "users/a%00 | {\"plan\": \"standard\"} | 400",
        "users/key%3Ax | {\"plan\": \"standard\"} | 400",
        "users | {\"plan\": \"standard\"} | 405",
        "plans/large | {\"callsPerMinute\": 1, \"callsAtOnce\": 1, \"storageMib\": 0} | 400",
      })
  void aPlanOrUserThatIsNoneIsRefused(String path, String body, int status) {
    assertThat(client.put(path, body).status()).isEqualTo(status);
  }
}
