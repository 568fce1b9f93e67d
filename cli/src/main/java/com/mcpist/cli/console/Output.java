package com.mcpist.cli.console;

import module java.base;

import com.mcpist.deploy.image.ImageReference;
import picocli.CommandLine.Option;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Whether a command writes for people or for programs. */
public class Output {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE).build();

  @Option(
      names = "--json",
      description = "Print JSON, for programs; progress goes to standard error.")
  private boolean json;

  /** What a command takes that changes something, for which others may have the lock. */
  public static class Changing extends Output {
    @Option(
        names = "--wait",
        paramLabel = "DURATION",
        defaultValue = "1m",
        description =
            "How long to wait for somebody else's deployment to end (default: ${DEFAULT-VALUE}).")
    protected Duration wait = Duration.ofMinutes(1);

    @Option(names = "--dry-run", description = "Show what would be done, and change nothing.")
    public boolean preview;
  }

  public boolean json() {
    return json;
  }

  /** What is not the result: for programs that alone is on standard output. */
  public PrintStream aside() {
    return json ? System.err : System.out;
  }

  public Progress progress() {
    return progress(json);
  }

  public static Progress progress(boolean forPrograms) {
    return new Progress(Terminal.detect(), forPrograms ? System.err : System.out);
  }

  public void print(Supplier<Object> forPrograms, Function<Terminal, String> forPeople) {
    print(json ? json(forPrograms.get()) : forPeople.apply(Terminal.detect()));
  }

  /** Writes to standard output, before whatever is written to standard error afterwards. */
  public static void print(String text) {
    System.out.print(text);
    System.out.flush();
  }

  public static String json(Object value) {
    return JSON.writeValueAsString(value) + "\n";
  }

  public static ObjectNode object() {
    return JsonMapper.shared().createObjectNode();
  }

  /** A release's name, with how its digest begins where the name does not say that. */
  public static String release(String name, String digest) {
    String begins = ImageReference.brief(digest);
    boolean said = begins.isEmpty() || name.contains(begins);
    return TextTable.orDash(said ? name : name + " (" + begins + ")");
  }

  public static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
