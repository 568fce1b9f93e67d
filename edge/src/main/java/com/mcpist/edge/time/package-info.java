/** The time that an event loop has run, and the limits that are kept by it. */
@NullMarked
package com.mcpist.edge.time;

import org.jspecify.annotations.NullMarked;
