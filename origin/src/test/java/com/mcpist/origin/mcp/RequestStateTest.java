package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.TestStateKey;
import com.mcpist.testkit.MutableClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a client carries between rounds is believed only as it was given, and only in time. */
class RequestStateTest {
  private static final ObjectNode STATE = Definitions.json("{\"round\": 1}");
  private final MutableClock clock = MutableClock.create();
  private final RequestState old = origin("key-1");

  private RequestState origin(String key) {
    SecretKey shared = new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    return new RequestState(new RequestState.StateKey(() -> Optional.of(shared)), clock);
  }

  private static Message.Request request(String params) {
    return new Message.Request(
        JsonNodeFactory.instance.numberNode(1), "tools/call", Definitions.json(params));
  }

  private static Message.Request nextRound(String sealed) {
    Message.Request request =
        request(
            "{\"arguments\": {\"b\": 2, \"a\": 1}, \"name\": \"x\", \"inputResponses\": {},"
                + " \"_meta\": {\"progressToken\": 5}}");
    request.params().put("requestState", sealed);
    return request;
  }

  private String sealed(RequestState by) throws AttemptFailedException {
    Message.Request first = request("{\"name\": \"x\", \"arguments\": {\"a\": 1, \"b\": 2}}");
    return by.seal(STATE, "ada", first);
  }

  @Test
  void anotherOriginGoesOnWhateverTheOrderOfTheParams() throws Exception {
    assertThat(origin("key-1").open("ada", nextRound(sealed(old)))).isEqualTo(STATE);
  }

  @Test
  void anotherKeysStateIsRefused() throws Exception {
    Message.Request foreign = nextRound(sealed(origin("key-2")));

    assertThatThrownBy(() -> old.open("ada", foreign)).isInstanceOf(RpcException.class);
  }

  @Test
  void anOriginThatDoesNotKnowTheKeyYetLeavesTheRoundToAnother() throws Exception {
    AtomicReference<Optional<SecretKey>> known = new AtomicReference<>(Optional.empty());
    RequestState starting = new RequestState(new RequestState.StateKey(known::get), clock);
    Message.Request round = nextRound(sealed(old));

    assertThatThrownBy(() -> starting.open("ada", round))
        .isInstanceOf(AttemptFailedException.class);
    assertThat(starting.open("ada", request("{\"name\": \"x\"}"))).isEqualTo(Json.object());

    known.set(Optional.of(new SecretKeySpec("key-1".getBytes(StandardCharsets.UTF_8), "x")));
    assertThat(starting.open("ada", round)).isEqualTo(STATE);
  }

  @Test
  void itExpires() throws Exception {
    String sealed = sealed(old);
    clock.advance(Duration.ofMinutes(59));
    assertThat(old.open("ada", nextRound(sealed))).isEqualTo(STATE);
    clock.advance(Duration.ofMinutes(2));
    assertThatThrownBy(() -> old.open("ada", nextRound(sealed)))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("expired");
  }

  @Test
  void whatWasNotSealedIsRefused() {
    for (String forged : List.of("", ".", "a.b", "a", "!.!", "e30.e30", "e30.")) {
      assertThatThrownBy(() -> old.open("ada", nextRound(forged)))
          .as(forged)
          .isInstanceOf(RpcException.class);
    }
  }

  @Test
  void withoutAStateThereIsAnEmptyOne() throws Exception {
    assertThat(old.open("ada", request("{\"name\": \"x\"}"))).isEqualTo(Json.object());
  }

  @Test
  void keysDoNotPrint() {
    assertThat(TestStateKey.known().toString()).isEqualTo("StateKey[redacted]");
  }
}
