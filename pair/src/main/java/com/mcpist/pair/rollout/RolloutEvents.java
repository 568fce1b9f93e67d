package com.mcpist.pair.rollout;

/** Told what becomes of releases. */
public interface RolloutEvents {
  /** In a plain line. */
  void told(String line);

  /** A release has been put in another's place, and is healthy. */
  void healthy(OriginRelease release);
}
