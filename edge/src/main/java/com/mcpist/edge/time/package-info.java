/** Time as an event loop lives it, and the limits that are kept by it. */
@NullMarked
package com.mcpist.edge.time;

import org.jspecify.annotations.NullMarked;
