/** The edge's own listener for its operator, on the loopback address only. */
@NullMarked
package com.mcpist.edge.admin;

import org.jspecify.annotations.NullMarked;
