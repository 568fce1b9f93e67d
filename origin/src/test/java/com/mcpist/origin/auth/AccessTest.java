package com.mcpist.origin.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.mcpist.origin.fixture.TestKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who calls, by the headers. */
final class AccessTest {
  private static final TestKey KEY = TestKey.random();
  private static final TestKey OTHER = TestKey.random();
  private final Access.KeyUsers keys =
      digest -> Optional.ofNullable(Map.of(KEY.digest(), "ann").get(digest));
  private final Access edge = Access.byEdge(keys);
  private final Access development = Access.development(keys);

  private static String refused(Access access, List<String> users, List<String> authorization) {
    return catchThrowableOfType(
            RefusedException.class, () -> access.user(access.caller(users, authorization)))
        .code();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "ann", "auth0|5f7c", "a", "~", "KEY:x"})
  void whomTheEdgeHasRecognisedItIs(String user) throws Exception {
    assertThat(edge.user(edge.caller(List.of(user), List.of()))).isEqualTo(user);
    assertThat(edge.user(edge.caller(List.of(user), List.of("Bearer " + OTHER.text()))))
        .as("the edge has judged what the client sent")
        .isEqualTo(user);
  }

  static List<List<String>> nobody() {
    return List.of(
        List.of(),
        List.of(""),
        List.of("ann", "ann"),
        List.of("ann bob"),
        List.of(" ann"),
        List.of("ann\u00e9"),
        List.of("ann\t"),
        List.of("a".repeat(256)));
  }

  @ParameterizedTest
  @MethodSource("nobody")
  void whoIsNotSaidProperlyIsNobody(List<String> users) {
    assertThat(refused(edge, users, List.of())).isEqualTo("unauthenticated");
    assertThat(refused(edge, users, List.of("Bearer " + KEY.text()))).isEqualTo("unauthenticated");
  }

  @Test
  void aKeyIsItsUsers() throws Exception {
    for (String scheme : List.of("Bearer ", "bearer ", "BEARER ")) {
      assertThat(edge.user(edge.caller(List.of(KEY.user()), List.of(scheme + KEY.text()))))
          .isEqualTo("ann");
    }
    assertThat(
            development.user(development.caller(List.of("eve"), List.of("Bearer " + KEY.text()))))
        .isEqualTo("ann");
  }

  static List<List<String>> noTokens() {
    String text = KEY.text();
    char last = text.charAt(text.length() - 1);
    return List.of(
        List.of(),
        List.of(text),
        List.of("Basic " + text),
        List.of("Bearer"),
        List.of("Bearer "),
        List.of("Bearer  " + text),
        List.of("Bearer " + text + " "),
        List.of("Bearer " + text, "Bearer " + text),
        List.of("Bearer " + text.substring(1)),
        List.of("Bearer " + text.substring(0, text.length() - 1) + (last == 'a' ? 'b' : 'a')),
        List.of("Bearer " + text.replace("mcpist_", "mcpist-")),
        List.of("Bearer " + OTHER.text()));
  }

  @ParameterizedTest
  @MethodSource("noTokens")
  void whatIsNoKeyOrNotTheOneThatTheEdgeSawIsInvalid(List<String> authorization) {
    assertThat(refused(edge, List.of(KEY.user()), authorization)).isEqualTo("invalid_token");
  }

  @ParameterizedTest
  @ValueSource(strings = {"key:", "key:ann", "key:0000000000000000"})
  void aUserThatLooksLikeAKeyIsNeverTakenForAUser(String user) {
    assertThat(refused(edge, List.of(user), List.of())).isEqualTo("invalid_token");
    assertThat(refused(edge, List.of(user), List.of("Bearer " + KEY.text())))
        .isEqualTo("invalid_token");
  }

  @Test
  void aKeyThatIsUnknownIsInvalid() {
    assertThat(refused(edge, List.of(OTHER.user()), List.of("Bearer " + OTHER.text())))
        .isEqualTo("invalid_token");
    assertThat(refused(development, List.of(), List.of("Bearer " + OTHER.text())))
        .isEqualTo("invalid_token");
    assertThat(refused(development, List.of(), List.of("Bearer mcpist_short")))
        .isEqualTo("invalid_token");
  }

  @Test
  void inDevelopmentWhatIsNoKeyIsTheOperators() throws Exception {
    for (List<String> authorization :
        List.of(List.<String>of(), List.of("Bearer x"), List.of("Basic y"))) {
      assertThat(development.user(development.caller(List.of("eve"), authorization)))
          .isEqualTo("local");
    }
  }

  @Test
  void whatCannotBeLookedUpIsForAnotherOrigin() {
    Access away =
        Access.byEdge(
            digest -> {
              throw RefusedException.unavailable();
            });

    assertThatThrownBy(
            () -> away.user(away.caller(List.of(KEY.user()), List.of("Bearer " + KEY.text()))))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.status()).isEqualTo(503);
              assertThat(e.headers()).containsEntry("X-Not-Run", "unavailable");
            });
  }
}
