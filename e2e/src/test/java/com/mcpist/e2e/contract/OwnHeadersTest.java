package com.mcpist.e2e.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The list of the headers that belong to MCPist alone, contract/headers.json, is complete: no
 * program has a header of that kind in its source that is not on the list.
 */
class OwnHeadersTest {
  private static final Pattern LITERAL = Pattern.compile("\"(X-[A-Za-z-]+)\"");

  /** Headers of others, which a browser or a proxy reads. */
  private static final Set<String> OF_OTHERS =
      Set.of("X-Content-Type-Options", "X-Accel-Buffering", "X-Forwarded-For");

  /** Returns the names of the list, in order. */
  static Stream<String> names() {
    return JsonMapper.shared()
        .readTree(Root.PATH.resolve("contract/headers.json").toFile())
        .valueStream()
        .flatMap(JsonNode::valueStream)
        .map(JsonNode::asString);
  }

  @Test
  void theListHasEachHeaderThatOriginsAndEdgesTellEachOther() throws IOException {
    Set<String> used = new TreeSet<>();
    for (String folder :
        new String[] {"origin/src/main", "module/src/main", "edge/src/main", "worker/src"}) {
      try (Stream<Path> files = Files.walk(Root.PATH.resolve(folder))) {
        used.addAll(
            files.filter(OwnHeadersTest::isSource).flatMap(OwnHeadersTest::literals).toList());
      }
    }
    used.removeAll(OF_OTHERS);
    assertThat(used).isEqualTo(names().collect(Collectors.toCollection(TreeSet::new)));
  }

  private static boolean isSource(Path file) {
    String name = file.toString();
    return name.endsWith(".java") || name.endsWith(".ts");
  }

  private static Stream<String> literals(Path file) {
    try {
      return LITERAL.matcher(Files.readString(file)).results().map(OwnHeadersTest::name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(MatchResult literal) {
    return literal.group(1);
  }
}
