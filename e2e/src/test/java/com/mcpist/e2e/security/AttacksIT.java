package com.mcpist.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Issuer;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of attacks, on both edges and on an origin alone: each is refused as it should be, does
 * nothing, and is told nothing that it could use.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AttacksIT {
  private static final Pattern BEARER = Pattern.compile("Bearer ([^\\s]{30,})");

  /** Keys and tokens that were tried: they must be in no log either. */
  private static final Set<String> USED = new HashSet<>();

  private static Stage stage;
  private static SlowClients slow;

  @BeforeAll
  static void start() throws IOException, SQLException {
    stage = new Stage();
    slow = new SlowClients(stage);
  }

  @AfterAll
  static void stop() throws IOException, SQLException {
    // Whatever was tried, no log has what opens a door, nor a line that somebody else has written.
    slow.close();
    String logs = stage.logs();
    List<HttpMessage> askedOfTheStranger = stage.stranger.server().requests();
    stage.close();
    assertThat(logs)
        .doesNotContain(stage.secrets())
        .doesNotContain(USED)
        .doesNotContain("forged-line");
    assertThat(askedOfTheStranger).as("a token's own address for its key").isEmpty();
  }

  static Stream<Arguments> attacks() {
    return Attacks.all().stream()
        .flatMap(a -> a.against().stream().map(t -> Arguments.of(t, a.wall(), a.name(), a)));
  }

  @ParameterizedTest(name = "{0}, {1}: {2}")
  @MethodSource("attacks")
  void isRefused(Target target, String wall, String name, Attack attack) throws Exception {
    int before = stage.memories();
    HttpMessage answer = sendUntilRefused(target, attack);
    assertThat(answer.status()).as(answer.text()).isIn(attack.statuses());
    assertThat(answer.text()).contains(attack.says());
    attack
        .tells()
        .forEach((header, text) -> assertThat(answer.header(header).orElse("")).contains(text));
    assertThat(stage.memories()).as("it has done nothing").isEqualTo(before);
  }

  private static HttpMessage sendUntilRefused(Target target, Attack attack) throws IOException {
    HttpMessage answer = send(target, attack);
    for (int i = 1; i < attack.times() && !isRefusal(answer, attack); i++) {
      answer = send(target, attack);
    }
    return answer;
  }

  private static boolean isRefusal(HttpMessage answer, Attack attack) {
    return attack.statuses().contains(answer.status()) && answer.text().contains(attack.says());
  }

  private static HttpMessage send(Target target, Attack attack) throws IOException {
    String request = attack.request().apply(stage);
    BEARER.matcher(request).results().map(r -> r.group(1)).forEach(USED::add);
    HttpMessage answer = stage.exchange(target, request, attack.address());
    assertTellsNothing(answer);
    return answer;
  }

  static Stream<Arguments> slowClients() {
    return Arrays.stream(SlowClients.Kind.values())
        .flatMap(
            kind ->
                (kind.inBody() ? Attack.ALL : Attack.OWN_LISTENERS)
                    .stream().map(target -> Arguments.of(target, kind)));
  }

  /** Last, since each has sent something as soon as the others were begun. */
  @ParameterizedTest(name = "{0}, slow: {1}")
  @MethodSource("slowClients")
  @Order(Integer.MAX_VALUE)
  void isShutOut(Target target, SlowClients.Kind kind) throws Exception {
    Optional<HttpMessage> answer = slow.end(target, kind);
    if (kind.inBody() && target != Target.ORIGIN) {
      assertThat(answer.orElseThrow().status()).isEqualTo(408);
    }
    answer.ifPresent(
        message -> {
          assertThat(message.status()).isEqualTo(408);
          assertTellsNothing(message);
        });
  }

  private static void assertTellsNothing(HttpMessage answer) {
    String all = answer + "\n" + answer.headers() + "\n" + answer.text();
    assertThat(all)
        .doesNotContain(stage.secrets())
        .doesNotContainIgnoringCase("exception")
        .doesNotContain("\tat ", "java.", "postgres", "netty", "vertx", "jackson");
    assertThat(answer.header("X-Powered-By")).isEmpty();
    assertThat(answer.header("Server")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"JAVA_EDGE", "WORKER"})
  void nobodyIsSomebodyElseByAHeader(Target target) throws Exception {
    String forged =
        String.join(
            "\r\n",
            "X-User-Id: bob",
            "X-Gateway-Secret: guess",
            "X-Forwarded-User: bob",
            "X-Call-Id: 1",
            "X-Attempt: 9",
            "Connection: X-User-Id",
            "");
    assertThat(stage.exchange(target, Requests.call(forged + Requests.bearer(stage.key))).status())
        .isEqualTo(200);
    String token = Issuer.token(stage.signing, "RS256", Issuer.claims(Stage.RESOURCE, "alice"));
    assertThat(stage.exchange(target, Requests.call(forged + Requests.bearer(token))).status())
        .isEqualTo(200);
    assertThat(stage.owners()).contains("alice").doesNotContain("bob");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsSentCannotWriteALineInALog(Target target) throws Exception {
    String name = "x\\n2026-01-01 ERROR forged-line\\u001b[31m";
    String body = Requests.SAVE.replace("memory_save", name).replace("a trace", name);
    for (String method : List.of(body, body.replace("tools/call", name))) {
      String headers =
          Requests.SECRET
              + "X-User-Id: alice\r\n"
              + Requests.bearer(stage.key)
              + "User-Agent: a\tforged-line\r\n";
      assertThat(stage.exchange(target, Requests.call("/mcp", headers, method)).status())
          .isLessThan(500);
    }
  }

  @Test
  void aUserThatCallsTooMuchIsToldSoByTheOrigin() throws Exception {
    stage.administer("PUT", "/users/erin", "{\"plan\":\"small\"}");
    String call = Requests.call(Requests.SECRET + "X-User-Id: erin\r\n");
    List<Integer> statuses =
        Stream.generate(() -> call).limit(4).map(AttacksIT::originsStatus).toList();
    assertThat(statuses).containsExactly(200, 200, 200, 429);
    HttpMessage answer = stage.exchange(Target.ORIGIN, call);
    assertThat(answer.header("RateLimit-Policy")).contains("\"minute\";q=3;w=60");
    assertThat(answer.header("Retry-After")).isPresent();
    assertTellsNothing(answer);
    String key = "Idempotency-Key: mcpist-01a2125b-25e8-7353-b1dd-1ab07c03a0d1\r\n";
    String resent = call.replace("erin\r\n", "erin\r\n" + key);
    assertThat(originsStatus(resent)).as("a resend by the edge's own key").isEqualTo(429);
    assertThat(originsStatus(call.replace("erin", "dave"))).isEqualTo(200);
  }

  private static int originsStatus(String call) {
    try {
      return stage.exchange(Target.ORIGIN, call).status();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
