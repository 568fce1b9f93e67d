package com.mcpist.e2e.contract;

import static com.mcpist.e2e.contract.ContractRig.FIRST;
import static com.mcpist.e2e.contract.ContractRig.LIST;
import static com.mcpist.e2e.contract.ContractRig.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which requests pass, with which headers, and what the operator is told: the same with every edge.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(EdgeKind.class)
class EdgeRequestsIT extends EachEdge {
  private static final String OF_THE_CLIENT = "of the client";

  EdgeRequestsIT(EdgeKind kind) {
    super(kind);
  }

  @Test
  void whatAClientMustNotSayIsDroppedAndTheEdgesOwnIsAdded() throws IOException {
    long before = System.currentTimeMillis();
    rig.call(
        """
        X-Gateway-Secret: guessed
        X-Call-Id: mine
        X-Attempt: 9
        X-Deadline: 1
        X-User-Id: root
        X-Forwarded-For: 192.0.2.1
        X-Forwarded-Anything: x
        Forwarded: for=192.0.2.1
        X-Real-IP: 192.0.2.1
        Via: 1.1 somewhere
        TE: trailers
        Keep-Alive: timeout=5
        Connection: keep-alive, X-Private
        X-Private: of this connection
        Accept-Encoding: gzip
        Origin: http://localhost
        Idempotency-Key: of the client
        Authorization: Bearer of-the-user
        Mcp-Method: tools/call
        X-Own: passes\
        """);
    HttpMessage seen = rig.first.calls().getFirst();
    for (String dropped :
        List.of("X-Forwarded-For", "X-Forwarded-Anything", "Forwarded", "X-Real-IP", "Via", "TE")) {
      assertThat(seen.headers(dropped)).as(dropped).isEmpty();
    }
    assertThat(seen.headers("Keep-Alive")).isEmpty();
    assertThat(seen.headers("X-Private")).isEmpty();
    assertThat(seen.headers("Origin")).isEmpty();
    assertThat(seen.headers("Accept-Encoding")).doesNotContain("gzip");
    assertThat(seen.headers("X-Gateway-Secret")).containsExactly(EdgeConfig.SECRET);
    assertThat(seen.headers("X-User-Id")).containsExactly("local");
    assertThat(seen.headers("X-Attempt")).containsExactly("1");
    assertThat(seen.headers("X-Call-Id").getFirst())
        .matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    assertThat(Long.parseLong(seen.headers("X-Deadline").getFirst())).isGreaterThan(before);
    assertThat(seen.headers("Idempotency-Key")).containsExactly("of the client");
    assertThat(seen.headers("Authorization")).containsExactly("Bearer of-the-user");
    assertThat(seen.headers("Mcp-Method")).containsExactly("tools/call");
    assertThat(seen.headers("X-Own")).containsExactly("passes");
  }

  /** Each header of the list in any case, twice, and named as one of the connection only. */
  static Stream<Arguments> waysToSayWhatIsTheEdges() {
    return OwnHeadersTest.names()
        .flatMap(name -> forms(name).stream().map(form -> Arguments.of(name, form)));
  }

  private static List<String> forms(String name) {
    String line = name + ": " + OF_THE_CLIENT;
    return List.of(
        line,
        line.toLowerCase(Locale.ROOT) + "\n" + name.toUpperCase(Locale.ROOT) + ": " + OF_THE_CLIENT,
        line + "\n" + line,
        line + "\nConnection: keep-alive, " + name,
        "Connection: " + name + "\n" + line);
  }

  @ParameterizedTest
  @MethodSource("waysToSayWhatIsTheEdges")
  void noClientSaysToAnOriginWhatOnlyAnEdgeMay(String name, String headers) throws IOException {
    assertThat(rig.call(headers).text()).isEqualTo(ContractRig.ANSWER);
    assertThat(rig.first.calls()).hasSize(1);
    assertNeverSaid(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "DELETE"})
  void norWithAnotherMethod(String method) throws IOException {
    List<String> names = OwnHeadersTest.names().toList();
    String all =
        names.stream().map(name -> name + ": " + OF_THE_CLIENT).collect(Collectors.joining("\r\n"));
    HttpMessage response =
        RawHttp.exchange(
            rig.edge.port(),
            "%s /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n%s\r\n\r\n"
                .formatted(method, all));
    assertThat(response.text()).isEqualTo(ContractRig.ANSWER);
    for (String name : names) {
      assertNeverSaid(name);
    }
  }

  private static void assertNeverSaid(String name) {
    assertThat(rig.first.undelivered()).isEmpty();
    assertThat(rig.first.calls())
        .isNotEmpty()
        .allSatisfy(
            seen ->
                assertThat(seen.headers(name))
                    .as(name)
                    .hasSizeLessThan(2)
                    .doesNotContain(OF_THE_CLIENT, "true"));
  }

  @Test
  void aNoticeIsTheEdgesAlone() throws IOException {
    assertThat(rig.call("X-Undelivered: true").text()).isEqualTo(ContractRig.ANSWER);
    assertThat(rig.first.undelivered()).isEmpty();
    assertThat(rig.first.calls()).hasSize(1);
  }

  @Test
  void noOriginSaysToAClientWhatOnlyAnEdgeMay() throws IOException {
    List<String> names = OwnHeadersTest.names().toList();
    Map<String, String> all = new HashMap<>(Map.of("Content-Type", "application/json"));
    names.forEach(name -> all.put(name, "of the origin"));
    rig.first.always(
        new Behaviour.Answer(200, all, ContractRig.ANSWER.getBytes(StandardCharsets.UTF_8)));
    HttpMessage response = rig.call();
    assertThat(response.text()).isEqualTo(ContractRig.ANSWER);
    assertThat(names)
        .allSatisfy(
            name -> assertThat(response.headers(name)).as(name).doesNotContain("of the origin"));
  }

  @Test
  void whatAnOriginSaysOfItselfIsDropped() throws IOException {
    rig.first.always(
        new Behaviour.Answer(
            201,
            Map.of(
                "Content-Type",
                "text/plain",
                "Server",
                "s",
                "X-Powered-By",
                "p",
                "Via",
                "1.1 v",
                "X-Served-By",
                "me",
                "X-Gateway-Secret",
                "leaked",
                "Mcp-Session-Id",
                "abc"),
            "so".getBytes(StandardCharsets.UTF_8)));
    HttpMessage response = rig.call();
    assertThat(response.status()).isEqualTo(201);
    assertThat(response.text()).isEqualTo("so");
    for (String dropped : List.of("Server", "X-Powered-By", "Via", "X-Gateway-Secret")) {
      assertThat(response.headers(dropped)).as(dropped).isEmpty();
    }
    assertThat(response.headers("X-Served-By")).containsExactly(FIRST);
    assertThat(response.headers("X-Attempts")).containsExactly("1");
    assertThat(response.headers("Mcp-Session-Id")).containsExactly("abc");
  }

  @ParameterizedTest
  @ValueSource(ints = {202, 204, 400, 401, 404, 405, 429})
  void anAnswerOfTheOriginsIsPassedOnWhateverItIs(int status) throws IOException {
    rig.first.always(new Behaviour.Answer(status, Map.of("X-Ledger", "kept"), new byte[0]));
    HttpMessage response = rig.call();
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.body()).isEmpty();
    assertThat(rig.second.calls()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /, localhost, '', 404, not_found",
    "GET, /mcp/more, localhost, '', 404, not_found",
    "PUT, /mcp, localhost, '', 405, method_not_allowed",
    "OPTIONS, /mcp, localhost, '', 405, method_not_allowed",
    "DELETE, /health, localhost, '', 405, method_not_allowed",
    "POST, /mcp, evil.example.com, '', 421, wrong_host",
    "POST, /mcp, localhost, https://evil.example.com, 403, bad_origin",
    "POST, /mcp, localhost, null, 403, bad_origin",
    "POST, /mcp, localhost, //localhost, 403, bad_origin",
    "POST, /mcp, localhost, http://evil@localhost, 403, bad_origin",
    "POST, /mcp, localhost, http://localhost.evil.example, 403, bad_origin",
    "GET, /.well-known/oauth-protected-resource, evil.example.com, '', 421, wrong_host",
  })
  void whatIsNotTheEdgesIsTurnedAway(
      String method, String path, String host, String origin, int status, String code)
      throws IOException {
    String more = origin.isEmpty() ? "" : "Origin: " + origin + "\r\n";
    HttpMessage response =
        RawHttp.exchange(
            rig.edge.port(),
            "%s %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: 0\r\n\r\n"
                .formatted(method, path, host, more));
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.text()).contains("\"code\":\"" + code + "\"");
    if (status == 405) {
      assertThat(response.header("Allow"))
          .contains(path.equals("/mcp") ? "GET, POST, DELETE" : "GET");
    }
    assertThat(rig.first.calls()).isEmpty();
  }

  @Test
  void aBodyThatIsTooLargeIsTurnedAwayAndTheConnectionGoesOn() throws IOException {
    try (RawHttp client = RawHttp.connect(rig.edge.port())) {
      HttpMessage large = client.send(RawHttp.post("/mcp", "", "x".repeat(70_000))).read();
      assertThat(large.status()).isEqualTo(413);
      assertThat(large.text()).contains("\"code\":\"body_too_large\"");
      assertThat(client.send(RawHttp.post("/mcp", "", LIST)).read().status()).isEqualTo(200);
    }
  }

  @Test
  void healthIsTheActiveOriginsAndSaysNothingElse() throws IOException {
    HttpMessage well = rig.get("/health", "X-Gateway-Secret: guessed");
    assertThat(well.status()).isEqualTo(200);
    assertThat(well.text()).isEqualTo("{\"status\":\"ok\"}");
    assertThat(rig.first.healthRequests())
        .as("asked without the secret")
        .anyMatch(request -> request.header("X-Gateway-Secret").isEmpty())
        .noneMatch(request -> request.headers("X-Gateway-Secret").contains("guessed"));
    rig.first.health(Behaviour.answer(503, "{\"status\":\"unhealthy\"}"));
    rig.awaitStates("unhealthy", "healthy");
    HttpMessage other = rig.get("/health", "X-Own: x");
    assertThat(other.status()).isEqualTo(200);
    assertThat(other.header("X-Served-By")).contains(SECOND);
    hasty.first.refuse();
    hasty.second.refuse();
    HttpMessage none = hasty.get("/health", "X-Own: x");
    assertThat(none.status()).isEqualTo(503);
    assertThat(none.text()).isEqualTo("{\"status\":\"unhealthy\"}");
  }

  @Test
  void aBodyWhereNoneBelongsIsHeldAgainstNoOrigin() throws IOException {
    String get = "GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx";
    for (int i = 0; i < 3; i++) {
      HttpMessage response = RawHttp.exchange(rig.edge.port(), get);
      assertThat(response.status()).as(response.text()).isEqualTo(200);
    }
    assertThat(rig.first.healthRequests()).allMatch(r -> r.body().length == 0);
    assertThat(rig.call().header("X-Served-By")).contains(FIRST);
    rig.awaitStates("healthy", "healthy");
  }

  @Test
  void anOperatorTakesOriginsOutAndBack() throws IOException {
    ContractRig rig = hasty;
    assertThat(rig.edge.administer("GET", "/status", "Bearer guessed").status()).isEqualTo(401);
    assertThat(rig.edge.administer("POST", "/origins/nowhere/drain").status()).isEqualTo(404);
    assertThat(rig.edge.administer("GET", "/nothing").status()).isEqualTo(404);
    HttpMessage wrong = rig.edge.administer("POST", "/status");
    assertThat(wrong.status()).isEqualTo(405);
    assertThat(wrong.header("Allow")).contains("GET");
    assertThat(rig.edge.administer("POST", "/origins/" + FIRST + "/drain").status()).isEqualTo(200);
    rig.awaitStates("drained", "healthy");
    assertThat(rig.call().header("X-Served-By")).contains(SECOND);
    HttpMessage last = rig.edge.administer("POST", "/origins/" + SECOND + "/drain");
    assertThat(last.status()).isEqualTo(409);
    assertThat(last.text()).contains("\"code\":\"no_healthy_origin\"", "\"correlationId\":\"");
    HttpMessage forced = rig.edge.administer("POST", "/origins/" + SECOND + "/drain?force=true");
    assertThat(forced.status()).isEqualTo(200);
    assertThat(rig.call().text()).as("nobody is left").contains("\"origin_unavailable\"");
    for (String origin : List.of(FIRST, SECOND)) {
      String path = "/origins/" + origin + "/undrain";
      assertThat(rig.edge.administer("POST", path).status()).isEqualTo(200);
    }
    rig.awaitStates("healthy", "healthy");
    assertThat(rig.call().header("X-Served-By")).contains(FIRST);
  }
}
