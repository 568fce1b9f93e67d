package com.mcpist.cli.console;

import module java.base;

import org.jspecify.annotations.Nullable;

/** What the output can show; animated: a line may be written over. */
public record Terminal(boolean animated, boolean colour, boolean unicode) {
  public static Terminal detect() {
    return of(console() != null, System.getenv(), System.out.charset());
  }

  /** There where a person reads what is written, and nobody keeps it. */
  @SuppressWarnings("SystemConsoleNull")
  public static @Nullable Console console() {
    Console console = System.console();
    return console != null && console.isTerminal() ? console : null;
  }

  static Terminal of(boolean terminal, Map<String, String> environment, Charset charset) {
    boolean able = terminal && !"dumb".equals(environment.getOrDefault("TERM", "dumb"));
    // no-color.org: present and not empty, whatever its value.
    boolean colour = able && environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Terminal(able, colour, charset.newEncoder().canEncode("✓⠋…"));
  }

  public String green(String text) {
    return coloured(32, text);
  }

  public String yellow(String text) {
    return coloured(33, text);
  }

  public String red(String text) {
    return coloured(31, text);
  }

  String dim(String text) {
    return coloured(2, text);
  }

  private String coloured(int code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  /** The sign of what is good or is not, to be coloured once it is padded. */
  public String sign(boolean good) {
    if (unicode) {
      return good ? "✓" : "✗";
    }
    return good ? "ok" : "NO";
  }

  public String colouredSign(String sign) {
    return switch (sign.strip()) {
      case "✓", "ok" -> green(sign);
      case "✗", "NO" -> red(sign);
      default -> yellow(sign);
    };
  }

  public String active(boolean active) {
    return active ? (unicode ? "▶" : ">") : "";
  }
}
