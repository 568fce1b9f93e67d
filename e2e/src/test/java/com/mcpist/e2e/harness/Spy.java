package com.mcpist.e2e.harness;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server for a mount that tries to reach what it should not, as {@code spy.pl} says. Its answer
 * begins with how often it has tried, and has "GOT" for each success.
 */
public final class Spy {
  private static final Pattern TRIED = Pattern.compile("tried (\\d+),.*");

  private Spy() {}

  /** The file that perl runs. */
  public static Path program() {
    return Root.PATH
        .resolve("e2e/src/test/resources/com/mcpist/e2e/harness/spy.pl")
        .toAbsolutePath();
  }

  /** How often it has tried, by its answer. */
  public static int tried(String told) {
    Matcher tried = TRIED.matcher(told);
    return tried.matches() ? Integer.parseInt(tried.group(1)) : 0;
  }
}
