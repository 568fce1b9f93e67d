package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.Markdown.Link;
import com.mcpist.e2e.Markdown.Section;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The documentation names files and headings that are there, and its translations keep up. */
class DocsTest {

  private static final Set<String> NOT_OURS = Set.of("target", "node_modules", "dist", ".git");
  private static final Pattern COMMAND = Pattern.compile("(?:\\w+=\\S+ )?\\./(?:mcpist|mvnw)\\b.*");

  private static final Pattern TEST = Pattern.compile("\\b[A-Z]\\w*[a-z0-9](?:Test|IT|Fuzz)\\b");

  /** Every page of the checkout. */
  static Stream<Path> pages() throws IOException {
    return files(".md");
  }

  private static Stream<Path> files(String ending) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        Root.PATH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes about) {
            return NOT_OURS.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
            if (file.toString().endsWith(ending)) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files.stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void itsLinksResolve(Path page) throws IOException {
    List<Link> broken = new ArrayList<>();
    for (Link link : Markdown.read(page).links()) {
      if (!link.target().contains(":") && !resolves(page, link)) {
        broken.add(link);
      }
    }
    assertThat(broken).isEmpty();
  }

  private static boolean resolves(Path page, Link link) throws IOException {
    Path target = link.target().isEmpty() ? page : page.resolveSibling(link.target());
    return Files.exists(target)
        && (link.anchor().isEmpty()
            || (target.toString().endsWith(".md")
                && Markdown.read(target).anchors().contains(link.anchor())));
  }

  @Test
  void theTestsThatPagesNameAreThere() throws IOException {
    Set<String> named = new TreeSet<>();
    for (Path page : pages().toList()) {
      TEST.matcher(Files.readString(page)).results().map(MatchResult::group).forEach(named::add);
    }

    assertThat(files(".java").map(file -> file.getFileName().toString().replace(".java", "")))
        .containsAll(named);
    assertThat(named).contains("FenceTest");
  }

  @ParameterizedTest
  @CsvSource({
    "## What `check` says, what-check-says",
    "## `failover: load_balancer`, failover-load_balancer",
    "## [A page](page.md#there) of it, a-page-of-it",
    "## ホットスタンバイ + 同時デプロイ, ホットスタンバイ--同時デプロイ",
    "### Terraform（IaC）, terraformiac"
  })
  void anAnchorIsAsOnGitHub(String heading, String anchor) {
    assertThat(Markdown.of(heading + "\n\n" + heading).anchors())
        .containsExactly(anchor, anchor + "-1");
  }

  /** Those that take a person from nothing to a deployment. */
  private static final List<String> STEP_BY_STEP =
      List.of(
          "docs/operations/first-deployment.md",
          "docs/operations/cloudflare.md",
          "docs/operations/secrets.md",
          "docs/operations/ssh.md",
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

  @Test
  void theReadmesHaveTheSameCommands() {
    assertThat(commands("README.ja.md"))
        .containsExactlyElementsOf(commands("README.md"))
        .contains("./mcpist up\n", "codex mcp add mcpist --url http://127.0.0.1:8080/mcp");
  }

  // Code blocks, addresses and our own commands: other code a translation may place otherwise.
  private static List<String> commands(String page) {
    return Markdown.of(Root.text(page)).code().stream()
        .filter(
            code -> code.endsWith("\n") || code.contains("://") || COMMAND.matcher(code).matches())
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "README.md, README.ja.md",
    "docs/deployment-strategy.md, docs/ja/deployment-strategy.md"
  })
  void aTranslationHasTheSameParts(String english, String japanese) throws IOException {
    assertThat(parts(japanese)).containsExactlyElementsOf(parts(english));
  }

  // Of each section its heading's level, the links of its text, and where each cell of its tables
  // leads.
  private static List<List<?>> parts(String page) throws IOException {
    List<List<?>> parts = new ArrayList<>();
    for (Section section : Markdown.read(Root.PATH.resolve(page)).sections()) {
      List<List<List<String>>> cells = new ArrayList<>();
      for (List<String> row : section.rows()) {
        cells.add(row.stream().map(cell -> links(cell, page)).toList());
      }
      parts.add(List.of(section.level(), links(String.join(" ", section.lines()), page), cells));
    }
    return parts;
  }

  // From the root of the checkout. A translation counts as what it translates, its headings by
  // number.
  private static List<String> links(String text, String page) {
    return Markdown.links(text).stream().map(link -> place(link, page)).toList();
  }

  private static String place(Link link, String page) {
    Path target =
        link.target().isEmpty()
            ? Path.of(page)
            : Path.of(page).resolveSibling(link.target()).normalize();
    String english = target.toString().replace(".ja.md", ".md").replace("docs/ja/", "docs/");
    return link.anchor().isEmpty()
        ? english
        : english
            + "#"
            + Markdown.of(Root.text(target.toString())).anchors().indexOf(link.anchor());
  }
}
