package com.mcpist.edge.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SendingTest {
  private static final String CALL =
      """
      {"method":"tools/call","params":{"_meta":{"progressToken":9},"name":"save",\
      "arguments":{"text":"a 1"}},"jsonrpc":"2.0","id": "9"}\
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"9\" | \"9\" | true",
        "\"9\" | \"10\" | true",
        "\"9\" | \"\" | true",
        ":9 | :10 | true",
        ":9 | :8 | true",
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
