package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Every command and option that the documentation shows is one that the program has. */
class DocumentedCommandsTest {

  private static final Pattern LINE =
      Pattern.compile(
          "\\./mcpist ((?:(?:secrets|keys|plans|users|billing|mount|service) )?[a-z]+)([^`\\n"
              + "#|;&]*)");
  private static final Pattern OPTION = Pattern.compile("(?<= )--?[a-z][a-z-]*");

  @Test
  void isInItsHelp() throws IOException {
    Map<String, Set<String>> shown = shown();
    assertThat(shown)
        .containsKeys("up", "down", "status", "logs", "drain", "undrain", "restart", "origin");

    String all = help();
    for (Map.Entry<String, Set<String>> command : shown.entrySet()) {
      String[] names = command.getKey().split(" ", -1);
      assertThat(all).contains(names[0]);
      String help = help(names);
      for (String option : command.getValue()) {
        assertThat(help).as(command.getKey()).contains(option);
      }
    }
  }

  private static String help(String... names) {
    StringWriter out = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out));
    String[] arguments =
        Stream.concat(Stream.of(names), Stream.of("--help")).toArray(String[]::new);
    assertThat(line.execute(arguments)).as(String.join(" ", names)).isZero();
    return out.toString();
  }

  // From every page, each command with its options.
  private static Map<String, Set<String>> shown() throws IOException {
    Map<String, Set<String>> shown = new TreeMap<>();
    for (Path page : DocsTest.pages().toList()) {
      for (MatchResult line : LINE.matcher(Files.readString(page)).results().toList()) {
        Set<String> options = shown.computeIfAbsent(line.group(1), c -> new TreeSet<>());
        String own = line.group(2).split(" -- ", 2)[0]; // What follows is another program's.
        OPTION.matcher(own).results().map(MatchResult::group).forEach(options::add);
      }
    }
    return shown;
  }
}
