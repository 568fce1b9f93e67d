package com.mcpist.deploy.doctor;

/** How one thing is. */
public record Diagnosis(Grade grade, String subject, String seen, String advice) {
  public enum Grade {
    GOOD,
    /** It works, and something is missing that one may want. */
    WEAK,
    BAD
  }

  static Diagnosis good(String subject, String seen) {
    return new Diagnosis(Grade.GOOD, subject, seen, "");
  }

  static Diagnosis weak(String subject, String seen, String advice) {
    return new Diagnosis(Grade.WEAK, subject, seen, advice);
  }

  static Diagnosis bad(String subject, String seen, String advice) {
    return new Diagnosis(Grade.BAD, subject, seen, advice);
  }

  static Diagnosis failed(String subject, Exception e) {
    return bad(subject, String.valueOf(e.getMessage()), "See what the message says");
  }
}
