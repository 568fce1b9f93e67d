package com.mcpist.deploy.secrets;

import java.util.Locale;

/**
 * One secret in one place, compared with its source.
 *
 * @param holder an origin's name, "worker" or "edge", or "source" for what the workflow has
 * @param secret its name; empty where nothing could be compared
 * @param advice what to do; empty where all is well
 */
public record Drift(String holder, String secret, Kind kind, String detail, String advice) {
  /** What it has come to. */
  public enum Kind {
    /** The program runs with the value of the source. */
    SAME,
    /** It has no value. */
    MISSING,
    /** It has another one. */
    DIFFERENT,
    /** It has one that mcpist.yml does not give it. */
    LEFT_OVER,
    /** A rotation has begun and is not finished. */
    ROTATING,
    /** It did not tell. */
    UNKNOWN;

    /** As a person reads it. */
    public String told() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** Whether all is well. */
  public boolean good() {
    return kind == Kind.SAME;
  }
}
