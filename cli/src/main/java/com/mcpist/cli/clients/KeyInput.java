package com.mcpist.cli.clients;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Terminal;
import com.mcpist.deploy.keys.ApiKey;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A key that somebody has found. It comes from standard input, and is not shown on its way. */
final class KeyInput {
  /** A key has 56 characters; there may be blanks around it. */
  private static final int LONGEST = 4096;

  private KeyInput() {}

  /** The one key on this process's standard input. At a terminal it is asked for. */
  static ApiKey read() throws Failure, IOException, InterruptedException {
    Console console = Terminal.console();
    if (console != null) {
      return parse(ask(console));
    }
    if (typed()) {
      throw Failure.usage(
          "what is typed here would be shown, since the output goes somewhere else: run this at a"
              + " terminal, or bring the key from a file or another command");
    }
    return parse(new String(System.in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1));
  }

  private static String ask(Console console) throws Failure {
    char[] line = console.readPassword("The key, which is not shown: ");
    if (line == null) {
      throw Failure.usage("no key was written");
    }
    String text = new String(line);
    Arrays.fill(line, ' ');
    return text;
  }

  /** Whether standard input is a terminal, which shows by itself what is typed. */
  private static boolean typed() throws IOException, InterruptedException {
    return new ProcessBuilder("sh", "-c", "test -t 0").inheritIO().start().waitFor() == 0;
  }

  /** Says what is wrong without a word of what came. */
  static ApiKey parse(String text) throws Failure {
    String line = text.strip();
    if (line.isEmpty()) {
      throw Failure.usage("standard input is empty: it must have the key, and nothing else");
    }
    return ApiKey.parse(line)
        .orElseThrow(
            () ->
                Failure.usage(
                    ApiKey.isSuspected(line)
                        ? "what standard input has is not one whole key: characters are missing,"
                            + " too many or others than they were, and such a key opens nothing. It"
                            + " must be mcpist_ and the 49 characters behind it, and nothing else"
                        : "what standard input has is no API key: those begin with mcpist_"));
  }
}
