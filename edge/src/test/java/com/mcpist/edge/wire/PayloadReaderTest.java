package com.mcpist.edge.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.wire.Payload.Message;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadReaderTest {
  private static final String CALL =
      "{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"save\",\"arguments\":%s}}";

  @Test
  void aByteOrderMarkIsPassedOver() {
    byte[] body =
        "\uFEFF{\"id\":1,\"result\":{}}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    assertThat(Payload.read(body).messages()).hasSize(1);
    assertThat(Payload.split(body)).containsExactly("{\"id\":1,\"result\":{}}");
  }

  @Test
  void aRequestIsRead() {
    Payload payload =
        Payload.read(
            """
            {"params":{"arguments":{"name":"not this","id":9},"name":"save"},
             "jsonrpc":"2.0","id":12345678901234567890,"method":"tools/call"}\
            """);
    assertThat(payload.batch()).isFalse();
    Message message = payload.messages().getFirst();
    assertThat(payload.messages()).hasSize(1);
    assertThat(message)
        .isEqualTo(
            new Message(
                "12345678901234567890",
                "tools/call",
                "save",
                message.arguments(),
                null,
                null,
                null,
                null,
                0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{\"a\":1,\"b\":[2,{}]}; { \"b\" : [ 2 , { } ], \"a\" : 1 }; true",
        "{\"a\":\"x\"}; {\"\\u0061\":\"\\u0078\"}; true",
        "{\"a\":0.5}; {\"a\":5e-1}; true",
        "{\"a\":1}; {\"a\":2}; false",
        "{\"a\":1}; {\"b\":1}; false",
        "{\"a\":1,\"b\":2}; {\"a\":2,\"b\":1}; false",
        "{\"a\":[1,2]}; {\"a\":[2,1]}; false",
        "{\"a\":[[1],2]}; {\"a\":[1,[2]]}; false",
        "{\"a\":\"1\"}; {\"a\":1}; false",
        "{\"a\":\"true\"}; {\"a\":true}; false",
        "{\"a\":null}; {}; false",
        "{\"a\":{}}; {\"a\":[]}; false"
      })
  void callsAreTheSameWhoseArgumentsTheLedgerTakesForTheSame(
      String one, String other, boolean same) {
    var calls = UnnamedCalls.of(Payload.read(CALL.formatted(one)), null);
    assertThat(calls).hasSize(1);
    assertThat(calls.equals(UnnamedCalls.of(Payload.read(CALL.formatted(other)), null)))
        .isEqualTo(same);
  }

  @Test
  void missingArgumentsAreNoArguments() {
    String without = CALL.replace(",\"arguments\":%s", "");
    assertThat(UnnamedCalls.of(Payload.read(without), null))
        .isEqualTo(UnnamedCalls.of(Payload.read(CALL.formatted("{}")), null))
        .hasSize(1);
    assertThat(UnnamedCalls.of(Payload.read(without), "mine")).isEmpty();
  }

  @Test
  void aBatchIsRead() {
    Payload payload =
        Payload.read("[{\"id\":\"a\\n\",\"method\":\"ping\"},{\"id\":1,\"result\":{}}]");
    assertThat(payload.batch()).isTrue();
    assertThat(payload.requests()).singleElement().extracting(Message::id).isEqualTo("\"a\\n\"");
    assertThat(payload.messages().getLast().isResponse()).isTrue();
  }

  @Test
  void anAnswersMessagesAreHadOneByOne() {
    String first =
        "{\"id\":1,\"result\":{\"a\":[\"]}\u00e9\",{\"b\":\"%s\"}]}}".formatted("x".repeat(40_000));
    String batch = " [" + first + " ,\n{\"id\":\n2,\"result\":{}}\r\n]";
    assertThat(Payload.split(batch.getBytes(StandardCharsets.UTF_8)))
        .containsExactly(first, "{\"id\": 2,\"result\":{}}");
    assertThat(Payload.split(first.getBytes(StandardCharsets.UTF_8))).containsExactly(first);
  }

  @Test
  void whatIsNotReadMayHaveANameTwice() {
    String call =
        "{\"id\":1,\"method\":\"a\",\"params\":{\"x\":{\"name\":1,\"name\":2},\"%s\":1,\"%s\":2}}";
    assertThat(Payload.read(call.formatted("x", "y")).requests()).hasSize(1);
    assertThat(Payload.read(call.formatted("name", "name")).readable()).isFalse();
    assertThat(Payload.read(call.formatted("progress", "progress")).readable()).isFalse();
  }

  @Test
  void aBatchHasANumber() {
    String message = "{\"id\":1,\"method\":\"a\"}";
    assertThat(Payload.read("[" + (message + ",").repeat(999) + message + "]").readable()).isTrue();
    assertThat(Payload.read("[" + (message + ",").repeat(1_000) + message + "]").readable())
        .isFalse();
  }

  @Test
  void progressIsRead() {
    Message message =
        Payload.read(
                "{\"method\":\"notifications/progress\","
                    + "\"params\":{\"progressToken\":3,\"progress\":0.5,\"total\":1}}")
            .messages()
            .getFirst();
    assertThat(message.isProgress()).isTrue();
    assertThat(message.progressToken()).isEqualTo("3");
    assertThat(message.progress()).isEqualTo(0.5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "nothing",
        "\"text\"",
        "[]",
        "[1]",
        "[{}",
        "{} {}",
        "{\"id\":1,\"id\":2}",
        "{\"method\":\"ping\",\"method\":\"tools/call\"}"
      })
  void whatIsNotJsonRpcIsUnreadable(String text) {
    assertThat(Payload.read(text).readable()).isFalse();
    assertThat(Payload.read(text.getBytes(StandardCharsets.UTF_8)).messages()).isEmpty();
  }

  /**
   * The bytes are an overlong slash, half of a surrogate pair, bytes that begin nothing, and a
   * character that is cut short.
   */
  @ParameterizedTest
  @ValueSource(strings = {"C0AF", "EDA080", "F8888080", "80", "E282", "F4908080"})
  void whatIsNoUtf8IsUnreadable(String hex) {
    String call = "{\"id\":1,\"method\":\"a\",\"%s\":\"%s\"}";
    for (String text : List.of(call.formatted("@", "b"), call.formatted("b", "@"))) {
      byte[] good = text.getBytes(StandardCharsets.ISO_8859_1);
      byte[] bad = HexFormat.of().parseHex(HexFormat.of().formatHex(good).replace("40", hex));
      assertThat(Payload.read(good).readable()).isTrue();
      assertThat(Payload.read(bad).readable()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":null,\"method\":\"ping\"}",
        "{\"id\":[1],\"method\":\"ping\"}",
        "{\"method\":\"ping\",\"params\":[1]}",
        "{\"method\":\"ping\",\"params\":{\"name\":{\"a\":1},\"progress\":\"x\"}}"
      })
  void anIdThatIsNoIdIsNone(String text) {
    Payload payload = Payload.read(text);
    assertThat(payload.readable()).isTrue();
    assertThat(payload.requests()).isEmpty();
    assertThat(payload.has("ping")).isTrue();
  }

  @Property
  void nothingMakesItThrow(@ForAll String text) {
    assertThat(Payload.read(text)).isNotNull();
  }

  @Property
  void anErrorHasTheIdOfItsRequest(@ForAll String id) {
    String quoted = tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(id);
    Payload request = Payload.read("{\"id\":" + quoted + ",\"method\":\"ping\"}");
    String answer =
        CallError.unanswered("call", null, true, false, false, Instant.EPOCH).answer(request);
    assertThat(
            tools.jackson.databind.json.JsonMapper.shared().readTree(answer).path("id").asString())
        .isEqualTo(id);
  }
}
