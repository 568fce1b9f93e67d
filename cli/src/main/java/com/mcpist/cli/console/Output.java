package com.mcpist.cli.console;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Whether a command writes for people or for programs. */
public class Output {
  @Option(names = "--json", description = "For programs; progress goes to standard error.")
  private boolean json;

  public boolean json() {
    return json;
  }

  /** Where progress goes: for programs the result alone is on standard output. */
  public PrintStream progress() {
    return json ? System.err : System.out;
  }

  /** A constant as people and programs read it. */
  public static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** Writes the result. */
  public void print(Supplier<String> forPrograms, Supplier<String> forPeople) {
    print(json ? forPrograms.get() + "\n" : forPeople.get());
  }

  /** Writes to standard output, before whatever is written to standard error afterwards. */
  public static void print(String text) {
    System.out.print(text);
    System.out.flush();
  }
}
