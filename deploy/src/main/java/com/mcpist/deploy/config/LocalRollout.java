package com.mcpist.deploy.config;

/** How `up` puts another release of an origin in the place of the one that runs. */
public enum LocalRollout {
  /** As Koyeb does: the new one starts beside the old one, which ends when the new one is ready. */
  OVERLAP,
  /** As Fly.io does: the old one ends before the new one starts. */
  IN_PLACE
}
