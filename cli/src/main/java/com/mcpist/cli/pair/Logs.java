package com.mcpist.cli.pair;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.site.PairCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "logs",
    description =
        "Shows the last lines that the pair's programs have written: the origins, edge, postgres,"
            + " supervisor. The pair need not be running.",
    footer = {
      "  mcpist logs                     the last lines of all",
      "  mcpist logs -f koyeb-primary    one, and what comes",
      "  mcpist logs -n 1000 edge"
    })
public final class Logs extends PairCommand {
  private static final String SUFFIX = ".log";

  private static final long POLL_MILLIS = 200;

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
    Path folder = folder().resolve("logs");
    List<String> names = chosen(names(folder));
    int width = names.stream().mapToInt(String::length).max().orElse(0);
    List<Tail> tails = new ArrayList<>();
    for (String name : names) {
      String prefix = names.size() == 1 ? "" : name + " ".repeat(width - name.length()) + " | ";
      tails.add(new Tail(folder.resolve(name + SUFFIX), prefix, System.out));
    }
    for (Tail tail : tails) {
      tail.showLast(Math.max(0, lines));
    }
    while (follow) {
      for (Tail tail : tails) {
        tail.showNew();
      }
      System.out.flush();
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return ExitCode.OK;
  }

  private List<String> chosen(List<String> names) throws Failure {
    if (names.isEmpty()) {
      throw Failure.failed("nothing has run in " + folder() + " yet. `mcpist up` starts a pair.");
    }
    if (only.isEmpty()) {
      return names;
    }
    if (!names.contains(only)) {
      throw Failure.unknown("no log is named", only, names);
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

  /** The end of a log file, which grows and is now and then begun anew. */
  static final class Tail {
    /** So far back are last lines looked for. */
    private static final int MAX_TAIL = 4 * 1024 * 1024;

    private final Path file;
    private final String prefix;
    private final PrintStream out;
    private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
    private long position;

    Tail(Path file, String prefix, PrintStream out) {
      this.file = file;
      this.prefix = prefix;
      this.out = out;
    }

    /** Shows the last lines; {@link #showNew} goes on after them. */
    void showLast(int count) throws IOException {
      long size = Files.size(file);
      position = Math.max(0, size - MAX_TAIL);
      String text = new String(read(), StandardCharsets.UTF_8);
      List<String> lines = text.lines().toList();
      lines.subList(Math.max(0, lines.size() - count), lines.size()).forEach(this::show);
    }

    /** Shows the whole lines that have come. */
    void showNew() throws IOException {
      if (!Files.exists(file)) {
        return; // Just being renamed.
      }
      if (Files.size(file) < position) {
        position = 0;
      }
      for (byte b : read()) {
        if (b == '\n') {
          show(unfinished.toString(StandardCharsets.UTF_8));
          unfinished.reset();
        } else {
          unfinished.write(b);
        }
      }
    }

    private byte[] read() throws IOException {
      try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
        in.seek(position);
        byte[] bytes = new byte[(int) Math.min(MAX_TAIL, Math.max(0, in.length() - position))];
        in.readFully(bytes);
        position += bytes.length;
        return bytes;
      }
    }

    private void show(String line) {
      out.println(prefix + line);
    }
  }
}
