package com.mcpist.edge.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares the headers that pass with the list of both edges, contract/headers.json. */
class HeaderHygieneTest {
  static Stream<String> own() {
    Path file = Path.of(System.getProperty("mcpist.root"), "contract", "headers.json");
    return JsonMapper.shared()
        .readTree(file.toFile())
        .valueStream()
        .flatMap(JsonNode::valueStream)
        .map(JsonNode::asString);
  }

  @ParameterizedTest
  @MethodSource("own")
  void aHeaderOfMcpistsOwnPassesInNoDirection(String name) {
    MultiMap from =
        MultiMap.caseInsensitiveMultiMap()
            .add(name, "one")
            .add(name.toUpperCase(Locale.ROOT), "two")
            .add(name.toLowerCase(Locale.ROOT), "three")
            .add("X-Other", "passes");
    MultiMap toOrigin = MultiMap.caseInsensitiveMultiMap();
    MultiMap toClient = MultiMap.caseInsensitiveMultiMap();
    HeaderHygiene.toOrigin(from, toOrigin);
    HeaderHygiene.toClient(from, toClient);
    assertThat(toOrigin.names()).containsExactly("X-Other");
    assertThat(toClient.names()).containsExactly("X-Other");
  }
}
