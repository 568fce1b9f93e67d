package com.mcpist.pair.control;

import com.mcpist.deploy.platform.PlatformException.Kind;

/** What was asked of the supervisor is not done. */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final Kind kind;
  private final String advice;

  /**
   * As an {@link Answer.Refused} tells it.
   *
   * @param problem what is in the way, without a full stop
   * @param advice what to do, as a sentence; may be empty
   */
  public RefusedException(Kind kind, String problem, String advice) {
    super(problem);
    this.kind = kind;
    this.advice = advice;
  }

  <T> Answer.Refused<T> answer() {
    return new Answer.Refused<>(kind, String.valueOf(getMessage()), advice);
  }
}
