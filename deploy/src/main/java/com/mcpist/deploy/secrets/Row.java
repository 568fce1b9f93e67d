package com.mcpist.deploy.secrets;

import java.util.Locale;

/**
 * What has become of one secret in one place.
 *
 * @param holder an origin's name, "worker" or "edge"
 * @param detail more, for a person; empty where there is nothing
 */
public record Row(String holder, String secret, Result result, String detail) {
  /** What there is to tell. */
  public enum Result {
    /** It was not there. */
    CREATED,
    /** It had another value, or the program did not run with it. */
    CHANGED,
    /** The program runs with it. */
    UNCHANGED,
    /** It could not be brought there. */
    FAILED;

    /** As a person reads it. */
    public String told() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
