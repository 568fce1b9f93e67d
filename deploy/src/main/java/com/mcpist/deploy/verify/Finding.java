package com.mcpist.deploy.verify;

/**
 * What a check has come to.
 *
 * @param subject what was looked at: an origin's name, "edge", or "all"
 */
public record Finding(
    Check check, String subject, boolean passed, String expected, String seen, String advice) {
  public enum Check {
    /** An origin tells those who have the secret that it is well, and which release it is. */
    HEALTH("health with the secret"),
    /** It tells others its status and nothing else. */
    DISCRETION("health without the secret"),
    NO_SECRET("closed without the secret"),
    WRONG_SECRET("closed with a wrong secret"),
    TOOLS("tools/list"),
    /** All origins run the release that was deployed, or all the same one. */
    ONE_RELEASE("one release"),
    EDGE("health through the edge"),
    EDGE_TOOLS("tools/list through the edge"),
    /** Where the edge asks who calls: whoever shows nothing is told what to show. */
    EDGE_CLOSED("closed without a key or a token"),
    /** A key that nobody has made gets as far as the origins, and no further. */
    EDGE_KEYS("closed with an unknown key"),
    EDGE_METADATA("where tokens come from");

    private final String title;

    Check(String title) {
      this.title = title;
    }

    public String title() {
      return title;
    }
  }

  /** Without advice where it passed. */
  public Finding {
    advice = passed ? "" : advice;
  }

  /** Whether it is about the way clients come, and not about an origin. */
  public boolean atEntrance() {
    return subject.equals(Entrance.NAME);
  }

  public String told() {
    return subject + ": " + check.title() + ": expected " + expected + ", seen " + seen;
  }
}
