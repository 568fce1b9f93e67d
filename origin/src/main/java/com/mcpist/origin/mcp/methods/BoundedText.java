package com.mcpist.origin.mcp.methods;

import java.util.regex.Pattern;

/**
 * A text that may be looked at only so often. There are expressions that take more time than there
 * is for a text of some dozen characters; a module's may be one, and the text is a client's.
 */
final class BoundedText implements CharSequence {
  /** Some milliseconds; a sound expression looks at each character a few times. */
  private static final int LOOKS = 1_000_000;

  private static final int LOOKS_PER_CHARACTER = 16;

  private final String text;
  private long looks;

  private BoundedText(String text) {
    this.text = text;
    this.looks = LOOKS + (long) LOOKS_PER_CHARACTER * text.length();
  }

  /**
   * The text for a matcher of some pattern.
   *
   * @see Pattern#matcher
   */
  static CharSequence of(String text) {
    return new BoundedText(text);
  }

  /** A pattern needs more than there is. */
  static final class ExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExhaustedException() {
      super("a pattern looks at a text too often", null, false, false);
    }
  }

  @Override
  public char charAt(int index) {
    if (--looks < 0) {
      throw new ExhaustedException();
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.substring(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
