package com.mcpist.deploy.originclient;

/**
 * How a call without a right was answered.
 *
 * @param status the HTTP status; 0 when there was no answer
 * @param challenge what it asks for, the value of WWW-Authenticate; empty where it does not
 * @param problem why there is no answer; else empty
 */
public record Refusal(int status, String challenge, String problem) {
  /** Whether it is what somebody gets who has not shown a right that would do. */
  public boolean isChallenge() {
    return status == 401 && challenge.regionMatches(true, 0, "Bearer ", 0, "Bearer ".length());
  }

  /** What it was, for a person. */
  public String told() {
    if (status == 0) {
      return problem;
    }
    return status == 401 && !isChallenge() ? "401 without a challenge" : Integer.toString(status);
  }
}
