/**
 * The rules for which origin gets the calls: a pure function of state, observation and instant. The
 * package imports the JDK only. The vectors in contract/failover say what it decides, for this edge
 * and for any other.
 */
@NullMarked
package com.mcpist.edge.pool;

import org.jspecify.annotations.NullMarked;
