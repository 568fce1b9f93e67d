package com.mcpist.pair;

import com.mcpist.pair.control.PairStatus;
import org.jspecify.annotations.Nullable;

/**
 * What a supervisor tells whoever started it.
 *
 * @param text one plain line
 * @param status with READY only
 */
public record PairEvent(Kind kind, String text, @Nullable PairStatus status) {

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

  static PairEvent of(Kind kind, String text) {
    return new PairEvent(kind, text, null);
  }
}
