package com.mcpist.pair.rollout;

import com.mcpist.deploy.platform.PlatformException.Kind;

/** What was asked of a hosted origin is not done, and nothing has been changed. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final Kind kind;
  private final String advice;

  /**
   * @param advice what to do, as a sentence
   */
  RefusedException(Kind kind, String problem, String advice) {
    super(problem);
    this.kind = kind;
    this.advice = advice;
  }

  Kind kind() {
    return kind;
  }

  String advice() {
    return advice;
  }
}
