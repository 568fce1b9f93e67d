package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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

  /** Those that take a person from nothing to a deployment. */
  private static final List<String> STEP_BY_STEP =
      List.of(
          "docs/operations/first-deployment.md",
          "docs/operations/cloudflare.md",
          "docs/operations/secrets.md",
          "terraform/README.md");

  private static final Pattern USED = Pattern.compile("\\bsecrets\\.([A-Z][A-Z0-9_]*)");
  private static final Pattern SET = Pattern.compile("gh secret set ([A-Z][A-Z0-9_]*)");
  private static final Pattern SET_IN_A_LOOP =
      Pattern.compile("for variable in ([A-Z0-9_ ]+); do\\s[^\\n]*gh secret set \"\\$variable\"");

  /** A secret that is not set is empty in a workflow, which then fails somewhere else. */
  @Test
  void everySecretThatAWorkflowUsesIsSetByACommandOfThePages() throws IOException {
    Set<String> set = new TreeSet<>();
    for (String page : STEP_BY_STEP) {
      String text = Root.text(page);
      SET.matcher(text).results().map(found -> found.group(1)).forEach(set::add);
      SET_IN_A_LOOP
          .matcher(text)
          .results()
          .map(found -> found.group(1).split(" "))
          .forEach(names -> set.addAll(List.of(names)));
    }

    assertThat(usedByWorkflows()).contains("GATEWAY_SECRET", "TERRAFORM_STATE_BUCKET");
    assertThat(set).containsAll(usedByWorkflows());
  }

  /** But for values that are to come, which are set when they do. */
  private static Set<String> usedByWorkflows() throws IOException {
    Set<String> used = new TreeSet<>();
    try (Stream<Path> workflows = Files.list(Root.PATH.resolve(".github/workflows"))) {
      for (Path workflow : workflows.toList()) {
        USED.matcher(Files.readString(workflow))
            .results()
            .map(found -> found.group(1))
            .filter(name -> !name.endsWith("_NEXT"))
            .forEach(used::add);
      }
    }
    return used;
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
