package com.mcpist.origin.admin;

import static com.mcpist.origin.admin.AdminClient.release;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.RunningOrigin;
import com.mcpist.origin.admin.AdminClient.Answer;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Who may ask, and what is refused. */
final class AdminRequestsTest {
  private static final String ID = "01a2125b-25e8-7353-b1dd-1ab07c03a0d1";

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

  private static HttpMessage raw(String headers) throws Exception {
    return RawHttp.exchange(
        client.origin.port(), "GET /api/admin/lock HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n");
  }

  private static String secret() {
    return "X-Gateway-Secret: " + RunningOrigin.SECRET + "\r\n";
  }

  @Test
  void itNeedsTheGatewaySecretAndAToken() throws Exception {
    String bearer = "Authorization: Bearer " + AdminClient.TOKEN + "\r\n";

    assertThat(raw(bearer).status()).isEqualTo(403);
    for (String right :
        List.of(bearer, "Authorization: bearer " + AdminClient.NEXT_TOKEN + "\r\n")) {
      Conditions.await("it is let in", () -> raw(secret() + right).status() == 200);
    }
    for (String wrong :
        List.of(
            "",
            "Authorization: Bearer \r\n",
            "Authorization: Bearer wrong\r\n",
            "Authorization: Basic " + AdminClient.TOKEN + "\r\n",
            "Authorization: " + AdminClient.TOKEN + "\r\n",
            "Authorization: Bearer " + AdminClient.TOKEN + "," + AdminClient.NEXT_TOKEN + "\r\n",
            bearer + bearer)) {
      HttpMessage refused = raw(secret() + wrong);
      assertThat(refused.status()).as(wrong).isEqualTo(401);
      assertThat(refused.header("WWW-Authenticate")).contains("Bearer");
      ObjectNode error = (ObjectNode) JsonMapper.shared().readTree(refused.body()).get("error");
      assertThat(error.propertyNames()).containsExactly("code", "message", "correlationId");
      assertThat(error.get("code").stringValue()).isEqualTo("unauthorized");
    }
  }

  @Test
  void withoutATokenItIsOff() throws Exception {
    try (RunningOrigin origin = RunningOrigin.start(database, Map.of())) {
      HttpResponse<String> answer =
          origin.send(origin.to("/api/admin/lock").header("Authorization", "Bearer ").GET());

      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(answer.body()).contains("\"admin_off\"");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, nothing, 404",
    "GET, '', 404",
    "GET, lock/a/b, 404",
    "GET, locks, 404",
    "DELETE, lock, 405",
    "DELETE, releases, 405",
    "DELETE, events/" + ID + ", 405",
    "GET, releases/" + ID + ", 405",
    "GET, lock/" + ID + ", 405",
    "DELETE, lock/1-1-1-1-1, 400",
    "DELETE, lock/, 400",
    "GET, releases?limit=0, 400",
    "GET, releases?limit=101, 400",
    "GET, releases?limit=x, 400",
    "GET, events?limit=1001, 400",
    "GET, events?limit=99999999999, 400",
    "GET, events?limit=1000, 200",
    "GET, events?kind=nothing, 400",
    "GET, 'events?kind=failover,nothing', 400",
    "GET, 'events?kind=failover,death', 200",
    "GET, events?since=yesterday, 400",
    "GET, events?since=2026-11-28T09:00:00Z, 200"
  })
  void pathsAndMethods(String method, String path, int status) {
    Answer answer =
        client.send(
            client.request(path).method(method, java.net.http.HttpRequest.BodyPublishers.noBody()));

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.code().isEmpty()).isEqualTo(status == 200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/admin", "/api/adminlock", "/api/Admin/lock", "//api/admin/lock"})
  void noOtherSpellingIsThatPath(String path) throws Exception {
    HttpResponse<String> answer =
        client.origin.send(
            client.origin.to(path).header("Authorization", "Bearer " + AdminClient.TOKEN).GET());

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("not_found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|must be a JSON object",
        "{|line 1",
        "[]|must be a JSON object",
        "{} {}|valid JSON",
        "{\"token\":1,\"token\":2}|valid JSON",
        "{}|token is missing",
        "{\"token\":\"x\"}|token must be a UUID",
        "{\"token\":7}|token must be a UUID",
        "{\"token\":\"" + ID + "\"}|owner is missing",
        "{\"token\":\"" + ID + "\",\"owner\":5}|owner must be a string",
        "{\"token\":\"" + ID + "\",\"owner\":null}|owner must be a string",
        "{\"token\":\"" + ID + "\",\"owner\":\" \"}|owner must not be blank",
        "{\"token\":\"" + ID + "\",\"owner\":\"a\\u0000\"}|owner contains a character",
        "{\"token\":\"" + ID + "\",\"owner\":\"a\\ud800\"}|owner contains a character",
        "{\"token\":\""
            + ID
            + "\",\"owner\":\"a\",\"purpose\":\"b\",\"ttlSeconds\":\"60\"}|ttlSeconds",
        "{\"token\":\""
            + ID
            + "\",\"owner\":\"a\",\"purpose\":\"b\",\"ttlSeconds\":60.5}|ttlSeconds",
        "{\"token\":\""
            + ID
            + "\",\"owner\":\"a\",\"purpose\":\"b\",\"ttlSeconds\":4}|from 5 to 3600",
        "{\"token\":\""
            + ID
            + "\",\"owner\":\"a\",\"purpose\":\"b\",\"ttlSeconds\":3601}|from 5 to 3600",
        "{\"token\":\""
            + ID
            + "\",\"owner\":\"a\",\"purpose\":\"b\",\"ttlSeconds\":60,\"x\":1}|Unknown field: x"
      })
  void whatIsWrongIsNamed(String body, String problem) {
    Answer refused = client.put("lock", body);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.code()).isEqualTo("bad_request");
    assertThat(refused.message()).contains(problem).doesNotContain("jackson", "Exception");
    assertThat(client.get("lock").body().get("lock").isNull()).isTrue();
  }

  @Test
  void whatIsWrongDeepInsideIsNamedWithItsPlace() {
    String path = "releases/" + ID;
    ObjectNode odd = release(UUID.randomUUID(), "running");
    odd.withArray("origins").addObject().put("name", "x");
    ObjectNode extra = release(UUID.randomUUID(), "running");
    ((ObjectNode) extra.get("origins").get(0)).put("extra", 1);
    ObjectNode state = release(UUID.randomUUID(), "done");
    ObjectNode isLong = release(UUID.randomUUID(), "running").put("detail", "x".repeat(4_001));
    ObjectNode noList = release(UUID.randomUUID(), "running").put("origins", "none");
    ObjectNode notObjects = release(UUID.randomUUID(), "running");
    notObjects.withArray("origins").add("none");

    assertThat(client.put(path, odd).message()).contains("origins[1].state is missing");
    assertThat(client.put(path, extra).message()).contains("Unknown field: origins[0].extra");
    assertThat(client.put(path, state).message()).contains("state must be one of running, ");
    assertThat(client.put(path, isLong).message()).contains("detail may have at most 4000");
    assertThat(client.put(path, noList).message()).contains("origins must be a list");
    assertThat(client.put(path, notObjects).message()).contains("origins[1] must be an object");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'kind':'earthquake'|kind must be one of failover, ",
        "'kind':'failover','at':'yesterday'|at must be an instant",
        "'kind':'failover','data':[]|data must be an object of at most 20",
        "'kind':'failover','data':{'a':1.5}|data.a must be a string",
        "'kind':'failover','data':{'a':{}}|data.a must be a string",
        "'kind':'failover','data':{'a b':1}|data may have names of letters only",
        "'kind':'failover','data':{'a':'\\u0000'}|data.a contains a character",
        "'kind':'failover','ending':null|Unknown field: ending"
      })
  void whatIsWrongWithAnEventIsNamed(String fields, String problem) {
    String event = "{'origin':null,'message':''," + fields + "}";
    Answer refused = client.put("events/" + ID, event.replace('\'', '"'));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.message()).contains(problem);
  }

  @Test
  void aBodyThatIsTooLongIsRefused() {
    Answer refused = client.put("lock", " ".repeat(AdminEndpoint.MAX_BODY_BYTES + 1));

    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.code()).isEqualTo("too_large");
  }
}
