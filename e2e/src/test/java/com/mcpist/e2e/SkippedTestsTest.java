package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a test may be skipped for, who says so, and what then becomes of the build. */
class SkippedTestsTest {

  private static final Pattern NEEDS = Pattern.compile("@Needs\\(([^)]*)\\)");
  private static final Pattern NEED = Pattern.compile("Need\\.([A-Z_]+)");
  private static final Pattern OTHERS =
      Pattern.compile(
          "import (static )?org\\.(junit\\.jupiter\\.api\\.(Assumptions|Disabled|condition)"
              + "|assertj\\.core\\.api\\.Assumptions)");

  private static Map<Path, String> sources() throws IOException {
    Map<Path, String> sources = new TreeMap<>();
    try (Stream<Path> modules = Files.list(Root.PATH)) {
      for (Path tests : modules.map(module -> module.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(tests)) {
          try (Stream<Path> files = Files.walk(tests)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
              sources.put(file, Files.readString(file));
            }
          }
        }
      }
    }
    return sources;
  }

  @Test
  void aTestNeedsEach() throws IOException {
    Set<Need> needed = EnumSet.noneOf(Need.class);
    for (String text : sources().values()) {
      NEEDS
          .matcher(text)
          .results()
          .flatMap(one -> NEED.matcher(one.group(1)).results())
          .forEach(name -> needed.add(Need.valueOf(name.group(1))));
    }
    assertThat(needed).containsExactlyInAnyOrder(Need.values());
  }

  @Test
  void nothingElseSkipsATest() throws IOException {
    assertThat(sources().entrySet())
        .allSatisfy(file -> assertThat(file.getValue()).doesNotContainPattern(OTHERS));
  }

  @ParameterizedTest
  @EnumSource
  void continuousIntegrationInstallsIt(Need need) {
    String install = "apt-get install ";
    List<String> packages =
        need.remedy().startsWith(install)
            ? Arrays.asList(need.remedy().substring(install.length()).split(" ", -1))
            : List.of();
    List<String> installed =
        Pattern.compile("(?m)^  \\S+:(\\S+)$")
            .matcher(Root.text(".ci/run"))
            .results()
            .map(line -> line.group(1))
            .toList();

    assertThat(installed).containsAll(packages);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<skipped message='without the published schemas: get them'/> | 0 |"
            + " NOT RUN without the published schemas: get them (1)",
        "<skipped message='needs pgbouncer: get it'/> | 1 | SKIPPED a.ATest.two: needs pgbouncer",
        "<skipped/> | 1 | SKIPPED a.ATest.two",
        "<failure/> | 1 | FAILED  a.ATest.two",
        "'' | 0 | 2 passed, 0 failed, 0 skipped"
      })
  void theReportFailsForWhatShouldHaveRun(
      String outcome, int code, String line, @TempDir Path folder) throws IOException {
    Instant begun = Instant.now();
    Path reports = Files.createDirectories(folder.resolve("a/target/surefire-reports"));
    Files.writeString(
        reports.resolve("TEST-a.ATest.xml"),
        """
        <testsuite><testcase classname="a.ATest" name="one"/>
        <testcase classname="a.ATest" name="two">%s</testcase></testsuite>
        """
            .formatted(outcome));
    Path earlier =
        Files.writeString(
            reports.resolve("TEST-a.GoneTest.xml"),
            """
            <testsuite><testcase classname="a.GoneTest" name="one"><error/></testcase></testsuite>
            """);
    Files.setLastModifiedTime(earlier, FileTime.from(begun.minusSeconds(2)));
    String program = Root.PATH.resolve("build/TestReport.java").toString();
    Command.Result result =
        Command.run(
            new ProcessBuilder(
                Root.java(), program, folder.toString(), "" + begun.getEpochSecond()));

    assertThat(result.code()).as(result.all()).isEqualTo(code);
    assertThat(result.out()).contains(line);
  }
}
