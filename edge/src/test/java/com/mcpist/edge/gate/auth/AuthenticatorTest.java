package com.mcpist.edge.gate.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.gate.auth.Verdict.Caller;
import com.mcpist.testkit.Issuer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuthenticatorTest {
  private static final String RESOURCE = "https://mcp.example.com/mcp";

  private final Deque<Future<String>> answers = new ArrayDeque<>();

  /** The checks that the worker has not run yet, if it does not run them at once. */
  private final Deque<Runnable> waiting = new ArrayDeque<>();

  private boolean atOnce = true;
  private long nanos = 17;

  private Authenticator authenticator() {
    JwtSettings jwt =
        new JwtSettings(Issuer.NAME, URI.create("https://login.example.com"), RESOURCE, Set.of());
    Authentication.Required required = new Authentication.Required(URI.create(RESOURCE), true, jwt);
    return new Authenticator(
        required, answers::remove, this::run, InstantSource.system(), () -> nanos);
  }

  private Future<TokenCheck.Result> run(Callable<TokenCheck.Result> check) {
    Promise<TokenCheck.Result> result = Promise.promise();
    waiting.add(
        () -> {
          try {
            result.complete(check.call());
          } catch (Exception e) {
            result.fail(e);
          }
        });
    if (atOnce) {
      waiting.remove().run();
    }
    return result.future();
  }

  /** Returns the vectors of contract/auth, which any edge must pass. */
  static Stream<Arguments> requests() {
    Path file = Path.of(System.getProperty("mcpist.root"), "contract", "auth", "requests.json");
    return JsonMapper.shared()
        .readTree(file.toFile())
        .valueStream()
        .map(c -> Arguments.of(c.get("description").asString(), c));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void tellsWhatIsNoTokenFromOneThatIsNotGood(String description, JsonNode vector) {
    answers.add(Future.succeededFuture("{\"keys\":[]}"));
    String uri = vector.has("query") ? "/mcp?" + vector.get("query").asString() : "/mcp";
    List<String> values =
        vector.path("authorization").valueStream().map(JsonNode::asString).toList();
    assertThat(word(authenticator().check(uri, values).result()))
        .as(description)
        .isEqualTo(vector.get("verdict").asString());
  }

  private static String word(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Admitted(Caller caller) -> "admitted";
      case Verdict.Refused(Verdict.Reason reason) -> reason.name().toLowerCase(Locale.ROOT);
    };
  }

  @Test
  void aVerifiedTokenDoesNotWaitForTheSignaturesOfOthers() {
    PublicJsonWebKey key = Issuer.unpublished("one", "ES256");
    PublicJsonWebKey another = Issuer.unpublished("one", "ES256");
    Authenticator authenticator = authenticator();
    answers.add(Future.succeededFuture(published(key)));
    List<String> known = token(key, "alice");
    assertThat(word(authenticator.check("/mcp", known).result())).isEqualTo("admitted");

    atOnce = false;
    Future<Verdict> forged = authenticator.check("/mcp", token(another, "alice"));

    assertThat(forged.isComplete()).isFalse();
    assertThat(word(authenticator.check("/mcp", known).result())).isEqualTo("admitted");
    waiting.remove().run();
    assertThat(word(forged.result())).isEqualTo("invalid");
  }

  private static List<String> token(PublicJsonWebKey key, String user) {
    return List.of("Bearer " + Issuer.token(key, "ES256", Issuer.claims(RESOURCE, user)));
  }

  private static String published(PublicJsonWebKey key) {
    return new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
  }

  @Test
  void aTokenDoesNotWaitForAnIssuerThatHangs() {
    PublicJsonWebKey key = Issuer.unpublished("one", "ES256");
    List<String> token = token(key, "alice");
    Authenticator authenticator = authenticator();
    answers.add(Future.succeededFuture(published(key)));
    assertThat(word(authenticator.check("/mcp", token).result())).isEqualTo("admitted");

    nanos += Duration.ofMinutes(20).toNanos();
    Promise<String> hanging = Promise.promise();
    answers.add(hanging.future());
    Future<Verdict> first = authenticator.check("/mcp", token);
    assertThat(first.isComplete()).as("what is known may not be true any more").isFalse();
    hanging.fail("timeout");
    assertThat(word(first.result())).isEqualTo("admitted");

    for (int minute = 0; minute < 30; minute++) {
      nanos += Duration.ofMinutes(1).toNanos();
      Promise<String> next = Promise.promise();
      answers.add(next.future());
      assertThat(word(authenticator.check("/mcp", token).result())).isEqualTo("admitted");
      assertThat(answers).as("it is asked beside the call").isEmpty();
      next.fail("timeout");
    }
  }
}
