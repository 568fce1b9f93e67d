package com.mcpist.deploy.platform;

/** The message is one line for a person, with what to do and without a secret. */
public final class PlatformException extends RuntimeException {
  private final Kind kind;
  private final String platform;

  public enum Kind {
    UNAUTHORIZED,
    NOT_FOUND,
    /** Somebody else is changing the same, or holds its lock. */
    CONFLICT,
    /** Too many requests, for longer than the deadline allows to wait. */
    RATE_LIMITED,
    /** The platform does not take the request: it would not take it the next time either. */
    REJECTED,
    /** The platform cannot be reached or fails. What it may have done may be done again. */
    UNAVAILABLE,
    /** The connection broke off in a change, and the platform does not show that it has acted. */
    UNKNOWN_OUTCOME,
    FAILED,
    DEADLINE
  }

  public PlatformException(Kind kind, String platform, String call, String problem, String advice) {
    super(platform + ": " + call + ": " + sentence(problem) + " " + sentence(advice));
    this.kind = kind;
    this.platform = platform;
  }

  public Kind kind() {
    return kind;
  }

  public String platform() {
    return platform;
  }

  private static String sentence(String text) {
    String line = text.strip().replaceAll("\\s*\\R\\s*", " ");
    return line.matches(".*[.!?]") ? line : line + ".";
  }
}
