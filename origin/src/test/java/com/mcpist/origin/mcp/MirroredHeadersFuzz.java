package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.Definitions;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Fuzz target: headers beside a body that they repeat. */
public final class MirroredHeadersFuzz {
  private static final MirroredHeaders MIRRORED =
      MirroredHeaders.of(
          Definitions.json(
              """
              {"properties": {
                "region": {"type": "string", "x-mcp-header": "Region"},
                "count": {"type": "number", "x-mcp-header": "Count"},
                "deep": {"properties": {"flag": {"type": "boolean", "x-mcp-header": "Flag"}}}
              }}
              """));

  private MirroredHeadersFuzz() {}

  /** What passes says the same in both places. */
  public static void fuzzerTestOneInput(byte[] input) {
    HeadedBody request = HeadedBody.of(input);
    try {
      if (Json.parse(request.body()) instanceof ObjectNode arguments) {
        MIRRORED.check(arguments, request::get);
        assertSame(request.get("Mcp-Param-Region"), arguments.path("region"));
        assertSame(request.get("Mcp-Param-Count"), arguments.path("count"));
        assertSame(request.get("Mcp-Param-Flag"), arguments.path("deep").path("flag"));
      }
    } catch (RpcException refused) {
      assertThat(refused.code()).isIn(RpcException.PARSE_ERROR, RpcException.HEADER_MISMATCH);
    }
  }

  private static void assertSame(@Nullable String header, JsonNode argument) {
    if (header == null) {
      assertThat(argument.isMissingNode() || argument.isNull()).isTrue();
    } else if (argument.isNumber()) {
      String text = header.startsWith("=?base64?") ? decoded(header) : header;
      assertThat(new BigDecimal(text)).isEqualByComparingTo(argument.decimalValue());
    } else {
      assertThat(header).isIn(argument.asString(), encoded(argument.asString()));
    }
  }

  private static String decoded(String header) {
    String base64 = header.substring("=?base64?".length(), header.length() - "?=".length());
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  private static String encoded(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return "=?base64?" + Base64.getEncoder().encodeToString(bytes) + "?=";
  }
}
