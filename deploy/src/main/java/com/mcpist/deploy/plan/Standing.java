package com.mcpist.deploy.plan;

/**
 * How an origin stands before a deployment.
 *
 * @param healthy whether it can serve: its platform and its /health say so
 * @param drained whether the edge sends it nothing, so that it is nobody's cover
 * @param current whether it runs what is wanted already, and needs nothing
 * @param busy whether another command of the same run may stop it to change it, and has not yet
 * @param overlaps whether its platform starts the new instance before it stops the old one
 * @param told how it is, for a person
 */
public record Standing(
    String origin,
    boolean healthy,
    boolean drained,
    boolean current,
    boolean busy,
    boolean overlaps,
    String told) {

  /** Whether it gets calls, and answers them. */
  boolean serves() {
    return healthy && !drained;
  }
}
