/**
 * The probes, the heartbeats and the pool's state. What follows from them is decided in {@code
 * pool}.
 */
@NullMarked
package com.mcpist.edge.monitor;

import org.jspecify.annotations.NullMarked;
