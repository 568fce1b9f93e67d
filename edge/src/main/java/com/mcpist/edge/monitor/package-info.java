/**
 * What is seen of the origins, probes and heartbeats, and the pool's state as the calls see it. All
 * decisions are {@link com.mcpist.edge.pool}'s.
 */
@NullMarked
package com.mcpist.edge.monitor;

import org.jspecify.annotations.NullMarked;
