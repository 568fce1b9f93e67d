package com.mcpist.edge.call;

/**
 * The numbers of calls since the edge started, by how the calls have ended. A request for /health
 * is not a call, nor is a request that is turned away as malformed. A call whose client goes before
 * the answer is whole is not counted.
 *
 * @param answered the number of calls that were given an answer of any kind
 * @param failed the number of answered calls whose answer was an error of the edge's own, or broke
 *     off
 * @param replayed the number of answered calls that needed more than one attempt
 */
public record CallCounts(long answered, long failed, long replayed) {}
