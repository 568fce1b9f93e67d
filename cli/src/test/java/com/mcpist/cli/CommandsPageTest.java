package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.cli.clients.ClientsScreens;
import com.mcpist.cli.console.Wrap;
import com.mcpist.cli.mount.MountScreens;
import com.mcpist.cli.pair.PairScreens;
import com.mcpist.cli.release.ReleaseScreens;
import com.mcpist.cli.secrets.SecretsScreens;
import com.mcpist.cli.setup.SetupScreens;
import com.mcpist.cli.status.StatusScreens;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * docs/design/commands.md, the pictures of what commands print. With {@code
 * -Dmcpist.pictures=write} this writes them anew.
 */
class CommandsPageTest {
  private static final Path DESIGN = Path.of(System.getProperty("mcpist.root"), "docs", "design");
  private static final TimeZone ZONE = TimeZone.getDefault();

  @BeforeAll
  static void everywhereTheSameTimes() {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
  }

  @AfterAll
  static void restore() {
    TimeZone.setDefault(ZONE);
  }

  /** A command and all below it. */
  private static Stream<CommandLine> all(CommandLine line) {
    return Stream.concat(
        Stream.of(line), line.getSubcommands().values().stream().flatMap(CommandsPageTest::all));
  }

  private static String help(CommandLine line) {
    StringWriter out = new StringWriter();
    line.usage(new PrintWriter(out, true));
    return out.toString();
  }

  private static Screen screen(CommandLine line) {
    String words = line.getCommandSpec().qualifiedName();
    return new Screen(words + " --help", help(line));
  }

  private static List<Screen> tables() {
    List<Screen> tables = new ArrayList<>();
    tables.addAll(StatusScreens.all());
    tables.addAll(PairScreens.all());
    tables.addAll(ClientsScreens.all());
    tables.addAll(ReleaseScreens.all());
    tables.addAll(SecretsScreens.all());
    tables.addAll(MountScreens.all());
    tables.addAll(SetupScreens.all());
    return tables;
  }

  /** By the first word of the command. */
  private static Map<String, List<Screen>> screens() {
    CommandLine root = Main.commandLine();
    Map<String, List<Screen>> screens = new LinkedHashMap<>();
    screens.put("mcpist", List.of(screen(root)));
    root.getSubcommands()
        .forEach(
            (name, line) ->
                screens.put(
                    name,
                    Stream.concat(
                            all(line).map(CommandsPageTest::screen),
                            tables().stream()
                                .filter(table -> table.command().split(" ", -1)[1].equals(name)))
                        .toList()));
    return screens;
  }

  /** The page and its pictures, by their path. */
  private static Map<String, String> files() {
    Map<String, String> files = new TreeMap<>();
    StringBuilder page =
        new StringBuilder(
            """
            # Commands, as they print

            Each help text and table on a terminal of 80 columns. CommandsPageTest compares them; this writes them anew:

            ```
            ./mvnw -pl cli -am -DskipITs -Dtest=CommandsPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dmcpist.pictures=write verify
            ```
            """);
    screens()
        .forEach(
            (name, screens) -> {
              String picture = "commands/" + name + ".svg";
              page.append("\n## %s\n\n![%s](%s)\n".formatted(name, name, picture));
              files.put(picture, Picture.of(screens));
            });
    files.put("commands.md", page.toString());
    return files;
  }

  @Test
  void thePageShowsWhatTheCommandsPrint() throws IOException {
    Map<String, String> files = files();
    Path pictures = DESIGN.resolve("commands");
    if ("write".equals(System.getProperty("mcpist.pictures"))) {
      Files.createDirectories(pictures);
      for (Map.Entry<String, String> file : files.entrySet()) {
        Files.writeString(DESIGN.resolve(file.getKey()), file.getValue());
      }
    }
    for (Map.Entry<String, String> file : files.entrySet()) {
      assertThat(DESIGN.resolve(file.getKey())).content().isEqualTo(file.getValue());
    }
    try (Stream<Path> there = Files.list(pictures)) {
      assertThat(there.map(path -> "commands/" + path.getFileName()))
          .as("of no command that has gone")
          .allMatch(files::containsKey);
    }
  }

  @Test
  void nothingIsWiderThanEightyColumns() {
    assertThat(all(Main.commandLine().setCommandName("./mcpist")).map(CommandsPageTest::help))
        .allMatch(help -> help.lines().allMatch(line -> line.length() <= Wrap.COLUMNS));
    for (List<Screen> screens : screens().values()) {
      for (Screen screen : screens) {
        assertThat(screen.text().replaceAll("\u001b\\[[0-9]+m", "").lines())
            .as(screen.command())
            .allMatch(line -> line.length() <= Wrap.COLUMNS);
      }
    }
  }

  /** A value in which a blank or a hyphen has come would not be found. */
  @Test
  void noValueIsBroken() {
    all(Main.commandLine())
        .forEach(
            line -> {
              CommandSpec command = line.getCommandSpec();
              String help = flat(help(line));
              List<String> texts = new ArrayList<>();
              texts.addAll(List.of(command.usageMessage().description()));
              Stream.<ArgSpec>concat(
                      command.options().stream(), command.positionalParameters().stream())
                  .forEach(argument -> texts.add(String.join(" ", argument.description())));
              assertThat(texts).allSatisfy(text -> assertThat(help).contains(flat(text)));
            });
  }

  private static String flat(String text) {
    return text.replaceAll("\\s+", " ");
  }

  /** A shell takes no comment behind a command for one. */
  @Test
  void examplesCanBePasted() {
    all(Main.commandLine())
        .flatMap(line -> Stream.of(line.getCommandSpec().usageMessage().footer()))
        .forEach(
            example ->
                assertThat(example)
                    .matches("  (# .*|(?!#)\\S.*|    \\S.*)")
                    .doesNotContainPattern("\\S {2,}\\S|…"));
  }
}
