package com.mcpist.edge.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SendingTest {
  private static final String CALL =
      """
      {"method":"tools/call","params":{"_meta":{"progressToken":9},"name":"save",\
      "arguments":{"text":"a 1"}},"jsonrpc":"2.0","id": "9"}\
      """;

  @Test
  void theOrderOfPropertiesMakesNoOtherCall() {
    Buffer one = Buffer.buffer("{\"name\":\"save\",\"arguments\":{\"a\":1,\"b\":2}}");
    Buffer two = Buffer.buffer("{\"arguments\":{\"b\":2,\"a\":1},\"name\":\"save\"}");
    assertThat(Sending.hashButForIds(one)).isEqualTo(Sending.hashButForIds(two));
  }

  /** A body that breaks off in the middle is hashed to its end. */
  @ParameterizedTest
  @ValueSource(
      strings = {"{\"_meta\":", "{\"_meta\":{\"a\":\"", "{\"_meta\":\"x\\", "\"_meta\":{}"})
  void anyBodyHasAHash(String body) {
    assertThat(Sending.hashButForIds(Buffer.buffer(body))).isNotZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"9\" | \"9\" | true",
        "\"9\" | \"10\" | true",
        "\"9\" | \"\" | true",
        ":9 | :10 | true",
        ":9 | :8 | true",
        "\"progressToken\":9 | \"traceparent\":\"00-{1}\",\"a\":{} | true",
        "\"method\":\"tools/call\",\"params\" | \"jsonrpc\":\"2.0\",\"params\" | false",
        "a 1 | a 2 | false",
        "a 1 | a 11 | false",
        "save | salt | false",
        "\"9\"} | \"9\"}} | false"
      })
  void theSameCallHasTheSameBodyButForItsIds(String part, String other, boolean same) {
    Buffer one = Buffer.buffer(CALL);
    Buffer two = Buffer.buffer(CALL.replace(part, other));
    assertThat(Sending.hashButForIds(one) == Sending.hashButForIds(two)).isEqualTo(same);
  }
}
