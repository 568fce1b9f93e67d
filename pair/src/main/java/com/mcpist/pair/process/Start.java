package com.mcpist.pair.process;

/** What has become of the start of a process. */
public sealed interface Start {
  /** It is ready. */
  record Ready() implements Start {}

  /**
   * It did not get ready.
   *
   * @param why one plain sentence
   */
  record Failed(String why) implements Start {}

  /** Nobody waits for it any more: something else is wanted. */
  record CalledOff() implements Start {}
}
