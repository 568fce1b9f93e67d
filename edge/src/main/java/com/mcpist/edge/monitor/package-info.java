/** Probes, heartbeats, and the pool's state; what follows is decided in {@code pool}. */
@NullMarked
package com.mcpist.edge.monitor;

import org.jspecify.annotations.NullMarked;
