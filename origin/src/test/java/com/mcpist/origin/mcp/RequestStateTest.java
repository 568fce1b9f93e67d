package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.fixture.Definitions;
import com.mcpist.testkit.MutableClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a client carries between rounds is believed only as it was given, and only in time. */
class RequestStateTest {
  private static final ObjectNode STATE = Definitions.json("{\"round\": 1}");
  private final MutableClock clock = MutableClock.create();
  private final RequestState old = origin("secret-1");

  private RequestState origin(String... secrets) {
    return new RequestState(StateKeys.derivedFrom(List.of(secrets)), clock);
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

  private String sealed(RequestState by) {
    Message.Request first = request("{\"name\": \"x\", \"arguments\": {\"a\": 1, \"b\": 2}}");
    return by.seal(STATE, "ada", first);
  }

  @Test
  void anotherOriginGoesOnWhateverTheOrderOfTheParams() throws RpcException {
    assertThat(origin("secret-1").open("ada", nextRound(sealed(old)))).isEqualTo(STATE);
  }

  @Test
  void aRotationBreaksNoRound() throws RpcException {
    RequestState both = origin("secret-2", "secret-1");
    assertThat(both.open("ada", nextRound(sealed(old)))).isEqualTo(STATE);
    assertThat(origin("secret-2").open("ada", nextRound(sealed(both)))).isEqualTo(STATE);
    assertThatThrownBy(() -> origin("secret-2").open("ada", nextRound(sealed(old))))
        .isInstanceOf(RpcException.class);
  }

  @Test
  void itExpires() throws RpcException {
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
  void withoutAStateThereIsAnEmptyOne() throws RpcException {
    assertThat(old.open("ada", request("{\"name\": \"x\"}"))).isEqualTo(Json.object());
  }

  @Test
  void keysDoNotPrint() {
    assertThat(StateKeys.derivedFrom(List.of("secret-1")).toString()).doesNotContain("secret-1");
  }
}
