package com.mcpist.deploy.platform;

/**
 * Thrown when a platform cannot do what was asked. The message is one line for a person; it says
 * what to do and contains no secret.
 */
public final class PlatformException extends RuntimeException {
  private final Kind kind;
  private final String platform;

  public enum Kind {
    UNAUTHORIZED,
    NOT_FOUND,
    /** Somebody else is changing the same thing, or holds its lock. */
    CONFLICT,
    /** The platform had too many requests, and asks to wait for longer than the deadline allows. */
    RATE_LIMITED,
    /** The platform does not accept the request, and would not accept it the next time either. */
    REJECTED,
    /** The platform cannot be reached or fails. A call that may have acted may be made again. */
    UNAVAILABLE,
    /**
     * The connection broke off during a change, and the platform does not show that the change was
     * made.
     */
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
