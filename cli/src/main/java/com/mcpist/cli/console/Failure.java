package com.mcpist.cli.console;

import module java.base;

import com.mcpist.deploy.config.Spelling;
import picocli.CommandLine.ExitCode;

/** A command ends without success; the message is one plain line for a person. */
public final class Failure extends Exception {
  private static final Pattern KEY = Pattern.compile("(?i)(mcpist_)[A-Z0-9_-]+");

  private final int code;

  private Failure(String message, int code) {
    super(message);
    this.code = code;
  }

  public static Failure failed(String message) {
    return new Failure(message, ExitCode.SOFTWARE);
  }

  public static Failure usage(String message) {
    return new Failure(message, ExitCode.USAGE);
  }

  /** Wrong usage: a name of something that is not there, as "there is no origin". */
  public static Failure unknown(String problem, String name, Collection<String> known) {
    return usage(
        "%s \"%s\"; there are %s.%s"
            .formatted(problem, name, String.join(", ", known), Spelling.hint(name, known)));
  }

  /** Refuses a number that is not in the range, both ends of which are. */
  public static void unlessBetween(String option, int value, int least, int most) throws Failure {
    if (value < least || value > most) {
      throw usage("%s must be %s to %s, not %s".formatted(option, least, most, value));
    }
  }

  /** What a message quotes of the command line, without what could be a key. */
  public static String withoutKeys(String message) {
    return KEY.matcher(message).replaceAll("$1…");
  }

  public static String sentence(String text) {
    return text.matches("(?s).*[.!?]") ? text : text + ".";
  }

  public int code() {
    return code;
  }
}
