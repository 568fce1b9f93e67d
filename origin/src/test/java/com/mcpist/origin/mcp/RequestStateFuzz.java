package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.origin.fixture.TestStateKey;
import java.time.InstantSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fuzz target: what clients bring back between rounds. The first byte says what is changed in a
 * state that was sealed, and the rest is a request's params.
 */
public final class RequestStateFuzz {
  private static final RequestState STATES =
      new RequestState(TestStateKey.known(), InstantSource.system());
  private static final String USER = "ada";

  private RequestStateFuzz() {}

  /** Nothing opens but what was sealed, for the same user and request. */
  public static void fuzzerTestOneInput(byte[] input) throws AttemptFailedException {
    HeadedBody given = HeadedBody.of(input);
    ObjectNode params;
    try {
      JsonNode json = Json.parse(given.body());
      if (!(json instanceof ObjectNode object)) {
        return;
      }
      params = object;
    } catch (RpcException notJson) {
      return;
    }
    if (params.has("requestState")) {
      assertThat(opens(USER, params)).isFalse();
    }
    int place = input.length * 31 + (input.length == 0 ? 0 : input[0]);
    assertSealed(params.deepCopy().without("requestState"), place);
  }

  private static void assertSealed(ObjectNode params, int place) throws AttemptFailedException {
    ObjectNode state = params.deepCopy();
    String sealed = STATES.seal(state, USER, request(params));
    ObjectNode round = params.deepCopy();
    round.put("requestState", sealed);
    assertThat(opens(USER, round)).isTrue();
    assertThat(opens("eve", round)).isFalse();
    StringBuilder other = new StringBuilder(sealed);
    int at = Math.floorMod(place, sealed.length());
    // The last character of each part has bits that stand for nothing.
    if (at != sealed.length() - 1 && sealed.charAt(at) != '.' && sealed.charAt(at + 1) != '.') {
      other.setCharAt(at, sealed.charAt(at) == 'A' ? 'B' : 'A');
      assertThat(opens(USER, round.put("requestState", other.toString()))).isFalse();
    }
  }

  private static boolean opens(String user, ObjectNode params) throws AttemptFailedException {
    try {
      ObjectNode ignored = STATES.open(user, request(params));
      return ignored.isObject();
    } catch (RpcException refused) {
      assertThat(refused.code()).isEqualTo(RpcException.INVALID_PARAMS);
      return false;
    }
  }

  private static Message.Request request(ObjectNode params) {
    return new Message.Request(JsonNodeFactory.instance.numberNode(1), "tools/call", params);
  }
}
