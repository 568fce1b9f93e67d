package com.mcpist.edge.gate.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Issuer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class IssuerKeysTest {
  /** The sets of contract/auth, on which all edges agree. */
  private static final JsonNode SETS =
      JsonMapper.shared()
          .readTree(
              Path.of(System.getProperty("mcpist.root"), "contract", "auth", "key-sets.json")
                  .toFile());

  private static final String ONE = set(Issuer.unpublished("one", "ES256"));
  private static final String TWO = set(Issuer.unpublished("two", "EdDSA"));

  private final Deque<Future<String>> answers = new ArrayDeque<>();
  private int asked;
  private long nanos = 17;
  private final IssuerKeys keys = new IssuerKeys(this::fetch, () -> nanos);

  private Future<String> fetch() {
    asked++;
    return answers.isEmpty() ? Future.failedFuture("away") : answers.remove();
  }

  private static String set(PublicJsonWebKey key) {
    return new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  private void know(String set) {
    answers.add(Future.succeededFuture(set));
    keys.lookAgain();
  }

  @Test
  void anUnknownKeyIsAskedForOnceAMinute() {
    know(ONE);
    assertThat(keys.known().has("one")).isTrue();
    answers.add(Future.succeededFuture(TWO));
    keys.lookAgain();
    pass(Duration.ofSeconds(59));
    assertThat(keys.lookAgain().result().has("two")).isFalse();
    assertThat(asked).isEqualTo(1);
    pass(Duration.ofSeconds(1));
    assertThat(keys.lookAgain().result().has("two")).isTrue();
    assertThat(keys.known().has("one")).isFalse();
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void whatIsKnownStaysWhileTheIssuerIsAway() {
    know(ONE);
    for (int i = 0; i < 100; i++) {
      pass(Duration.ofHours(1));
      keys.refresh();
    }
    assertThat(asked).isEqualTo(101);
    assertThat(keys.known().has("one")).isTrue();
  }

  @Test
  void withoutAnyKeyItIsAskedEveryFewSeconds() {
    keys.lookAgain();
    assertThat(keys.everKnown()).isFalse();
    pass(Duration.ofSeconds(4));
    keys.lookAgain();
    assertThat(asked).isEqualTo(1);
    pass(Duration.ofSeconds(1));
    know(ONE);
    assertThat(keys.known().has("one")).isTrue();
  }

  @Test
  void whatIsOldIsAskedForAnewAndAKeyThatIsGoneIsForgotten() {
    know(ONE);
    pass(Duration.ofMinutes(9));
    keys.refresh();
    assertThat(asked).isEqualTo(1);
    pass(Duration.ofMinutes(1));
    answers.add(Future.succeededFuture(TWO));
    keys.refresh();
    assertThat(keys.known().has("one")).isFalse();
    assertThat(keys.known().has("two")).isTrue();
  }

  static Stream<String> withoutKeys() {
    return SETS.get("withoutKeys").valueStream().map(JsonNode::asString);
  }

  @ParameterizedTest
  @MethodSource("withoutKeys")
  void anIssuerMayTakeAllItsKeysBack(String text) {
    know(ONE);
    pass(Duration.ofMinutes(1));
    know(text);
    assertThat(keys.known().has("one")).isFalse();
    assertThat(keys.everKnown()).isTrue();
  }

  @Test
  void whatIsVeryOldIsWaitedFor() {
    know(ONE);
    pass(Duration.ofMinutes(20));
    Promise<String> late = Promise.promise();
    answers.add(late.future());
    assertThat(keys.refresh()).isTrue();
    Future<KeySet> waited = keys.lookAgain();
    assertThat(waited.isComplete()).isFalse();
    late.complete(TWO);
    assertThat(waited.result().has("two")).isTrue();
    assertThat(keys.refresh()).isFalse();
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void anIssuerThatHangsIsWaitedForOnce() {
    know(ONE);
    pass(Duration.ofMinutes(20));
    Promise<String> hanging = Promise.promise();
    answers.add(hanging.future());
    assertThat(keys.refresh()).isTrue();
    hanging.fail("timeout");
    for (int minute = 1; minute <= 60; minute++) {
      pass(Duration.ofMinutes(1));
      Promise<String> next = Promise.promise();
      answers.add(next.future());
      assertThat(keys.refresh()).as("asked beside the call, as what it asks hangs").isFalse();
      next.fail("timeout");
    }
    assertThat(asked).isEqualTo(62);
    assertThat(keys.known().has("one")).isTrue();
  }

  @Test
  void aFailureOfLongAgoIsNoReasonNotToWait() {
    know(ONE);
    pass(Duration.ofMinutes(10));
    assertThat(keys.refresh()).isFalse();
    pass(Duration.ofMinutes(20));
    answers.add(Promise.<String>promise().future());
    assertThat(keys.refresh()).isTrue();
  }

  @Test
  void thoseWhoWaitShareOneQuestion() {
    Promise<String> late = Promise.promise();
    answers.add(late.future());
    Future<KeySet> first = keys.lookAgain();
    Future<KeySet> second = keys.lookAgain();
    assertThat(first.isComplete()).isFalse();
    late.complete(ONE);
    assertThat(first.result()).isSameAs(second.result()).isSameAs(keys.known());
    assertThat(asked).isEqualTo(1);
  }

  static Stream<String> unreadable() {
    return SETS.get("unreadable").valueStream().map(JsonNode::asString);
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void whatIsNoSetOfKeysIsAsNoAnswer(String text) {
    know(ONE);
    pass(Duration.ofMinutes(1));
    know(text);
    assertThat(asked).isEqualTo(2);
    assertThat(keys.known().has("one")).isTrue();
  }
}
