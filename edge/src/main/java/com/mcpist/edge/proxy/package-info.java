/**
 * Forwards calls to an origin, and to the next one when an attempt fails, so that a client gets one
 * whole answer. It knows the pool only as {@link com.mcpist.edge.proxy.Origins}.
 */
@NullMarked
package com.mcpist.edge.proxy;

import org.jspecify.annotations.NullMarked;
