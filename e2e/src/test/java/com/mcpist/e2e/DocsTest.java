package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The documentation names files that are there. */
class DocsTest {

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)");

  static Stream<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(Root.PATH.resolve("docs"))) {
      List<Path> found = docs.filter(f -> f.toString().endsWith(".md")).toList();
      Stream<Path> top =
          Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
              .map(Root.PATH::resolve);
      return Stream.concat(top, found.stream());
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void itsRelativeLinksResolve(Path page) throws IOException {
    List<String> links =
        LINK.matcher(Files.readString(page))
            .results()
            .map(r -> r.group(1))
            .filter(l -> !l.contains(":"))
            .toList();
    assertThat(links).allSatisfy(link -> assertThat(page.resolveSibling(link)).exists());
  }

  @Test
  void theReadmeBeginsWithTheTwoCommands() {
    List<String> commands =
        Pattern.compile("(?m)^(\\./\\S+ ?\\S*)")
            .matcher(Root.text("README.md"))
            .results()
            .map(MatchResult::group)
            .map(String::strip)
            .limit(2)
            .toList();
    assertThat(commands).containsExactly("./mcpist up", "./mvnw verify");
  }
}
