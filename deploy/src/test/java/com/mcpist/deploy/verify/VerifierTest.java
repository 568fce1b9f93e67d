package com.mcpist.deploy.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.deploy.verify.Verifier.Finding;
import com.mcpist.deploy.verify.Verifier.Finding.Check;
import com.mcpist.deploy.verify.Verifier.Subject;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VerifierTest {
  private static final String SECRET = "the-gateway-secret-that-nobody-may-see";
  private static final String TOOLS =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"memory_save\"}]}}";

  private final TestTime time = TestTime.create();
  private final Map<String, Behaviour> answers = new ConcurrentHashMap<>();
  private final FaultServer origin = FaultServer.start();
  private final FaultServer edge = FaultServer.start();

  private Admission admission = Admission.OPEN;

  VerifierTest() {
    answers.put(
        "/health with secret",
        Behaviour.answer(200, "{\"status\":\"ok\",\"release\":\"1.4\",\"digest\":\"sha256:ab\"}"));
    answers.put("/health", Behaviour.answer(200, "{\"status\":\"ok\"}"));
    answers.put("/api/test", Behaviour.answer(403, "{}"));
    answers.put("/mcp with secret", Behaviour.answer(200, TOOLS));
    origin.handle(
        message -> {
          boolean insider = message.header("X-Gateway-Secret").orElse("").equals(SECRET);
          return answer(message.target() + (insider ? " with secret" : ""));
        });
    answers.put("edge/health", Behaviour.answer(200, "{\"status\":\"ok\"}"));
    answers.put("edge/mcp", Behaviour.answer(200, TOOLS));
    edge.handle(
        message -> {
          String bearer = message.header("Authorization").orElse("").replaceFirst("^Bearer ", "");
          return answer(
              "edge" + message.target() + (ApiKey.parse(bearer).isPresent() ? " with a key" : ""));
        });
  }

  private Behaviour answer(String what) {
    return answers.getOrDefault(what, Behaviour.answer(404, "{}"));
  }

  @AfterEach
  void close() throws Exception {
    origin.close();
    edge.close();
  }

  private Subject subject(String name, String url) {
    return new Subject(name, new OriginClient(URI.create(url), List.of(), time));
  }

  private Entrance entrance() {
    return new Entrance(new OriginClient(URI.create(edge.url()), List.of(), time), admission);
  }

  private List<Finding> verify(Optional<String> digest) throws Exception {
    return new Verifier(
            List.of(subject("koyeb-primary", origin.url())),
            Optional.of(entrance()),
            Secret.of(SECRET),
            Optional.empty())
        .until(
            digest,
            failed -> {},
            com.mcpist.deploy.time.Deadline.in(java.time.Duration.ofSeconds(2), time));
  }

  private List<Check> failing(Optional<String> digest) throws Exception {
    return verify(digest).stream()
        .filter(finding -> !finding.passed())
        .peek(finding -> assertThat(finding.advice()).isNotEmpty())
        .map(Finding::check)
        .toList();
  }

  @Test
  void everythingHolds() throws Exception {
    assertThat(verify(Optional.of("sha256:ab")))
        .allSatisfy(finding -> assertThat(finding.passed()).as(finding.told()).isTrue())
        .extracting(Finding::check)
        .containsExactly(
            Check.HEALTH,
            Check.DISCRETION,
            Check.NO_SECRET,
            Check.WRONG_SECRET,
            Check.TOOLS,
            Check.ONE_RELEASE,
            Check.EDGE,
            Check.EDGE_TOOLS);
  }

  @Test
  void anotherReleaseThanTheOneThatWasDeployed() throws Exception {
    assertThat(failing(Optional.of("sha256:cd"))).containsExactly(Check.ONE_RELEASE);
  }

  @Test
  void anOriginThatIsNotHealthy() throws Exception {
    answers.put("/health with secret", Behaviour.answer(503, "{\"status\":\"unhealthy\"}"));

    assertThat(failing(Optional.of("sha256:ab"))).containsExactly(Check.HEALTH, Check.ONE_RELEASE);
  }

  @Test
  void anOriginThatDoesNotKnowTheSecret() throws Exception {
    answers.put("/health with secret", Behaviour.answer(200, "{\"status\":\"ok\"}"));

    assertThat(failing(Optional.empty())).containsExactly(Check.HEALTH, Check.ONE_RELEASE);
  }

  @Test
  void anOriginThatLetsStrangersIn() throws Exception {
    answers.put("/api/test", Behaviour.answer(404, "{}"));

    assertThat(verify(Optional.empty()))
        .filteredOn(finding -> !finding.passed())
        .hasSize(2)
        .allSatisfy(finding -> assertThat(finding.advice()).contains("lets strangers in"));
  }

  @Test
  void anOriginThatTellsStrangersMore() throws Exception {
    answers.put("/health", Behaviour.answer(200, "{\"status\":\"ok\",\"release\":\"1.4\"}"));

    assertThat(failing(Optional.empty())).containsExactly(Check.DISCRETION);
  }

  @Test
  void anOriginWhoseCallsFail() throws Exception {
    answers.put("/mcp with secret", Behaviour.status(500));

    assertThat(failing(Optional.empty())).containsExactly(Check.TOOLS);
  }

  @Test
  void anEdgeThatHasNoOrigin() throws Exception {
    answers.put("edge/health", Behaviour.answer(503, "{\"status\":\"unhealthy\"}"));
    answers.put("edge/mcp", Behaviour.answer(503, "{}"));

    assertThat(failing(Optional.empty())).containsExactly(Check.EDGE, Check.EDGE_TOOLS);
  }

  private void ask(Admission forWhat) {
    admission = forWhat;
    Behaviour challenge =
        new Behaviour.Answer(
            401,
            Map.of("WWW-Authenticate", "Bearer realm=\"mcpist\""),
            "{}".getBytes(StandardCharsets.UTF_8));
    answers.put("edge/mcp", challenge);
    answers.put("edge/mcp with a key", challenge);
    answers.put(
        "edge/.well-known/oauth-protected-resource/mcp",
        Behaviour.answer(200, "{\"authorization_servers\":[\"https://login.example.com/\"]}"));
  }

  private List<Check> atEdge() throws Exception {
    return verify(Optional.empty()).stream()
        .filter(finding -> finding.subject().equals("edge"))
        .filter(Finding::passed)
        .map(Finding::check)
        .toList();
  }

  @Test
  void anEdgeThatAsksForKeysKeepsStrangersOut() throws Exception {
    ask(new Admission(true, false));

    assertThat(atEdge()).containsExactly(Check.EDGE, Check.EDGE_CLOSED, Check.EDGE_KEYS);
    assertThat(failing(Optional.empty())).isEmpty();
  }

  @Test
  void anEdgeThatAsksForTokensTellsWhereTheyComeFrom() throws Exception {
    ask(new Admission(false, true));

    assertThat(atEdge()).containsExactly(Check.EDGE, Check.EDGE_CLOSED, Check.EDGE_METADATA);
    answers.remove("edge/.well-known/oauth-protected-resource/mcp");
    assertThat(failing(Optional.empty())).containsExactly(Check.EDGE_METADATA);
  }

  @Test
  void anEdgeThatShouldAskAndDoesNot() throws Exception {
    ask(new Admission(true, false));
    answers.put("edge/mcp", Behaviour.answer(200, TOOLS));

    assertThat(verify(Optional.empty()))
        .filteredOn(finding -> !finding.passed())
        .singleElement()
        .satisfies(finding -> assertThat(finding.check()).isEqualTo(Check.EDGE_CLOSED))
        .satisfies(finding -> assertThat(finding.advice()).contains("lets strangers in"));
    answers.put("edge/mcp", Behaviour.answer(401, "{}"));
    assertThat(verify(Optional.empty()))
        .filteredOn(finding -> !finding.passed())
        .singleElement()
        .satisfies(finding -> assertThat(finding.seen()).isEqualTo("401 without a challenge"));
  }

  @Test
  void anUnknownKeyThatDoesNotReachAnOriginThatCanTell() throws Exception {
    ask(new Admission(true, true));
    answers.put("edge/mcp with a key", Behaviour.answer(503, "{}"));

    assertThat(failing(Optional.empty())).containsExactly(Check.EDGE_KEYS);
    assertThat(entrance().blocked(time.minutes(1))).contains("edge: 503");
    answers.put("edge/mcp with a key", Behaviour.answer(200, TOOLS));
    assertThat(failing(Optional.empty())).containsExactly(Check.EDGE_KEYS);
  }

  @Test
  void whetherCallsGetThroughIsSeenWithoutARight() throws Exception {
    assertThat(entrance().blocked(time.minutes(1))).isEmpty();
    ask(new Admission(true, true));
    assertThat(entrance().blocked(time.minutes(1))).isEmpty();
    ask(new Admission(false, true));
    assertThat(entrance().blocked(time.minutes(1))).isEmpty();
    answers.put("edge/health", Behaviour.answer(503, "{\"status\":\"unhealthy\"}"));
    assertThat(entrance().blocked(time.minutes(1))).contains("edge: HTTP 503, unhealthy");
  }

  @Test
  void anOriginThatIsNotThere() throws Exception {
    origin.refuse();

    assertThat(failing(Optional.empty()))
        .contains(Check.HEALTH, Check.DISCRETION, Check.NO_SECRET, Check.TOOLS);
  }

  @Test
  void itIsAskedAgainUntilItHolds() throws Exception {
    answers.put("/health", Behaviour.answer(503, "{\"status\":\"unhealthy\"}"));
    Verifier verifier =
        new Verifier(
            List.of(subject("koyeb-primary", origin.url())),
            Optional.empty(),
            Secret.of(SECRET),
            Optional.empty());

    List<Finding> findings =
        verifier.until(
            Optional.empty(),
            failed -> answers.put("/health", Behaviour.answer(200, "{\"status\":\"ok\"}")),
            time.minutes(1));

    assertThat(findings).allMatch(Finding::passed);
    assertThat(origin.requests()).extracting(HttpMessage::target).contains("/api/test");
  }
}
