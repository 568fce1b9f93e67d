package com.mcpist.deploy.plan;

/**
 * How an origin stands before a deployment.
 *
 * @param healthy whether it can serve: its platform and its /health say so
 * @param current whether it runs what is wanted already, and needs nothing
 * @param overlaps whether its platform starts the new instance before it stops the old one
 * @param told how it is, for a person
 */
public record Standing(
    String origin, boolean healthy, boolean current, boolean overlaps, String told) {}
