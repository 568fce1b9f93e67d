package com.mcpist.pair.supervisor;

/**
 * What a supervisor tells whoever started it.
 *
 * @param text one plain line; with READY where the pair answers
 */
public record PairEvent(Kind kind, String text) {

  /** What the line means. */
  public enum Kind {
    /** A step of the start begins. */
    STEP,
    /** All runs. */
    READY,
    /** The start failed, and everything is stopped again. */
    FAILED,
    /** Something happened while it runs. */
    NOTICE,
    /** A step of the stop begins. */
    STOPPING
  }
}
