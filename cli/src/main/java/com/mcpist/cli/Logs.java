package com.mcpist.cli;

import com.mcpist.deploy.config.Spelling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what the programs have written. */
@Command(
    name = "logs",
    description =
        "Shows the last lines that the pair's programs have written: the origins, edge, postgres,"
            + " supervisor. The pair need not be running.",
    footer = {
      "",
      "Examples:",
      "  mcpist logs                     the last lines of all",
      "  mcpist logs -f koyeb-primary    one, and what comes",
      "  mcpist logs -n 1000 edge"
    })
final class Logs implements Callable<Integer> {
  private static final String SUFFIX = ".log";
  private static final long POLL_MILLIS = 200;

  @Mixin private DataOption data = new DataOption();

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what comes, until Ctrl-C.")
  private boolean follow;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "100",
      description = "How many lines of each (default: ${DEFAULT-VALUE}).")
  private int lines;

  @Parameters(arity = "0..1", paramLabel = "ORIGIN", description = "Only this one's.")
  private String only = "";

  @Override
  public Integer call() throws Exception {
    Path folder = data.folder().resolve("logs");
    List<String> names = chosen(names(folder));
    int width = names.stream().mapToInt(String::length).max().orElse(0);
    List<LogTail> tails = new ArrayList<>();
    for (String name : names) {
      String prefix = names.size() == 1 ? "" : name + " ".repeat(width - name.length()) + " | ";
      tails.add(new LogTail(folder.resolve(name + SUFFIX), prefix, System.out));
    }
    for (LogTail tail : tails) {
      tail.showLast(Math.max(0, lines));
    }
    while (follow) {
      for (LogTail tail : tails) {
        tail.showNew();
      }
      System.out.flush();
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return ExitCode.OK;
  }

  private List<String> chosen(List<String> names) throws Failure {
    if (names.isEmpty()) {
      throw Failure.failed(
          "nothing has run in " + data.folder() + " yet. `mcpist up` starts a pair.");
    }
    if (only.isEmpty()) {
      return names;
    }
    if (!names.contains(only)) {
      throw Failure.usage(
          "no log is named \""
              + only
              + "\"; there are "
              + String.join(", ", names)
              + "."
              + Spelling.hint(only, names));
    }
    return List.of(only);
  }

  private static List<String> names(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .toList();
    }
  }
}
