package com.mcpist.edge.call;

/**
 * How calls have ended since the edge started. /health, and what is turned away as no proper
 * request, are no calls; one whose client goes before its answer is whole is not counted.
 *
 * @param answered those that were given an answer of any kind
 * @param failed those of them whose answer was an error of the edge's own, or broke off
 * @param replayed those of them that needed more than one attempt
 */
public record CallCounts(long answered, long failed, long replayed) {}
