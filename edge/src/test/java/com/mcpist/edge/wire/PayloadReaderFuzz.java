package com.mcpist.edge.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.wire.Payload.Message;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Fuzz target: bodies and events' data, compared with a reader that builds a tree. */
public final class PayloadReaderFuzz {
  private static final JsonMapper TREES =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private PayloadReaderFuzz() {}

  /** Checks that a readable body is JSON-RPC to an origin too, and says the same to both. */
  public static void fuzzerTestOneInput(byte[] input) {
    Payload payload = Payload.read(input);
    String text = new String(input, StandardCharsets.UTF_8);
    Payload ofText = Payload.read(text);
    if (payload.readable()) {
      assertThat(text.getBytes(StandardCharsets.UTF_8)).isEqualTo(input);
      // A byte order mark at the beginning is left out of bytes only.
      assertThat(text.startsWith("\uFEFF") || ofText.equals(payload)).isTrue();
      assertAsTree(payload, input);
    } else {
      assertThat(payload.messages()).isEmpty();
    }
    assertAnswered(payload, input.length);
  }

  private static void assertAsTree(Payload payload, byte[] input) {
    JsonNode tree;
    try {
      tree = TREES.readTree(input);
    } catch (JacksonException refused) {
      // Only the tree makes numbers, so only there can a number be too large.
      assertThat(refused.getMessage()).contains("umber");
      return;
    }
    assertThat(tree.isArray()).isEqualTo(payload.batch());
    List<JsonNode> messages = payload.batch() ? List.copyOf(tree.values()) : List.of(tree);
    assertThat(messages).hasSameSizeAs(payload.messages());
    for (int i = 0; i < messages.size(); i++) {
      Message message = payload.messages().get(i);
      assertThat(message.method()).isEqualTo(string(messages.get(i).get("method")));
      assertThat(message.name()).isEqualTo(string(messages.get(i).path("params").get("name")));
      assertThat(message.id() != null).isEqualTo(isId(messages.get(i).get("id")));
    }
  }

  private static @Nullable String string(@Nullable JsonNode node) {
    return node != null && node.isString() ? node.stringValue() : null;
  }

  private static boolean isId(@Nullable JsonNode node) {
    return node != null && (node.isString() || node.isNumber());
  }

  /** Checks that the edge's answer is JSON whatever the ids, and no longer than the ids make it. */
  private static void assertAnswered(Payload payload, int heard) {
    String answer =
        CallError.unanswered("call", "key", true, true, true, Instant.EPOCH).answer(payload);
    assertThat(answer.length())
        .isLessThan(768 * Math.max(1, payload.messages().size()) + 6 * heard);
    assertThat(answer).doesNotContain("\n", "\r");
    try {
      JsonNode json = TREES.readTree(answer);
      int requests = payload.requests().size();
      assertThat(json.isArray()).isEqualTo(payload.batch() && requests > 0);
      assertThat(json.isArray() ? json.size() : 1).isEqualTo(Math.max(1, requests));
    } catch (JacksonException refused) {
      assertThat(refused.getMessage()).contains("umber");
    }
  }
}
