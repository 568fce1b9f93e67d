package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command and option that the documentation shows is one that the program has. */
class DocumentedCommandsIT {

  private static final Pattern LINE =
      Pattern.compile("\\./mcpist ((?:(?:secrets|keys|plans|users|mount) )?[a-z]+)([^`\\n#|;&]*)");
  private static final Pattern OPTION = Pattern.compile("(?<= )--?[a-z][a-z-]*");

  @Test
  void isInItsHelp(@TempDir Path home) throws IOException {
    Map<String, Set<String>> shown = shown();
    assertThat(shown)
        .containsKeys("up", "down", "status", "logs", "drain", "undrain", "restart", "origin");

    Command.Result all = Command.run(Root.process(home, Root.PATH + "/mcpist", "--help"));
    assertThat(all.code()).isZero();
    for (Map.Entry<String, Set<String>> command : shown.entrySet()) {
      List<String> names = List.of(command.getKey().split(" "));
      assertThat(all.out()).contains(names.getFirst());
      List<String> line = new ArrayList<>(List.of(Root.PATH + "/mcpist"));
      line.addAll(names);
      line.add("--help");
      Command.Result help = Command.run(Root.process(home, line.toArray(String[]::new)));
      assertThat(help.code()).as(command.getKey()).isZero();
      for (String option : command.getValue()) {
        assertThat(help.out()).as(command.getKey()).contains(option);
      }
    }
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
