package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.auth.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tree is Jackson's, refused as Jackson's would be, and paid for. */
final class PaidParserTest {
  private final Budget budget = new Budget(0, 64 * 1024 * 1024);

  @Provide
  Arbitrary<JsonNode> json() {
    return new FuzzTest().json();
  }

  private JsonNode read(byte[] text) throws RpcException {
    try (Budget.Hold hold = budget.hold("ann", List.of(), text.length)) {
      JsonNode tree = Json.parse(text, hold);
      assertThat(budget.held()).isGreaterThanOrEqualTo(Budget.size(tree));
      return tree;
    } catch (RefusedException e) {
      throw new AssertionError(e);
    }
  }

  private static Optional<JsonNode> jacksons(byte[] text) {
    try {
      return Optional.of(Json.parse(text));
    } catch (RpcException e) {
      return Optional.empty();
    }
  }

  @Property(tries = 1000)
  void anyTreeIsJacksons(@ForAll("json") JsonNode json) throws RpcException {
    byte[] text = JsonMapper.shared().writeValueAsBytes(Json.object().set("x", json));
    assertThat(read(text)).isEqualTo(Json.parse(text));
  }

  @Property(tries = 1000)
  void whatIsBrokenIsRefusedAsByJackson(
      @ForAll("json") JsonNode json, @ForAll int place, @ForAll byte with) {
    byte[] text = JsonMapper.shared().writeValueAsBytes(Json.object().set("x", json));
    text[Math.floorMod(place, text.length)] = with;
    Optional<JsonNode> expected = jacksons(text);
    if (expected.isPresent()) {
      assertThat(readOrNothing(text)).isEqualTo(expected);
    } else {
      assertThat(readOrNothing(text)).isEmpty();
    }
    assertThat(budget.held()).isZero();
  }

  private Optional<JsonNode> readOrNothing(byte[] text) {
    try {
      return Optional.of(read(text));
    } catch (RpcException e) {
      return Optional.empty();
    }
  }

  @Test
  void ofMetaOnlyWhatIsReadIsKept() throws Exception {
    String meta =
        "{\"progressToken\":7,\"pad\":[{\"a\":[0]}],\"io.modelcontextprotocol/logLevel\":\"info\"}";
    String kept = meta.replace("\"pad\":[{\"a\":[0]}],", "");
    String message = "{\"_meta\":1,\"params\":{\"_meta\":%s,\"x\":{\"_meta\":{\"y\":2}}}}";
    for (String form : new String[] {message, "[" + message + "," + message + "]"}) {
      byte[] text = form.replace("%s", meta).getBytes(StandardCharsets.UTF_8);
      assertThat(read(text).toString())
          .isEqualTo(
              Json.parse(form.replace("%s", kept).getBytes(StandardCharsets.UTF_8)).toString());
    }
  }

  @Test
  void aTreeThatHasNoRoomIsNotMade() throws Exception {
    byte[] text = ("[" + "[],".repeat(60_000) + "0]").getBytes(StandardCharsets.UTF_8);
    Budget small = new Budget(0, 4 * 1024 * 1024);
    try (Budget.Hold hold = small.hold("ann", List.of(), text.length)) {
      assertThatThrownBy(() -> Json.parse(text, hold)).isInstanceOf(RefusedException.class);
      assertThat(small.held()).isLessThan(3 * 1024 * 1024);
    }
    assertThat(small.held()).isZero();
  }
}
