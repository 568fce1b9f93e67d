/** What an edge reads and writes: headers, JSON-RPC as much as it must, events. Pure. */
@NullMarked
package com.mcpist.edge.wire;

import org.jspecify.annotations.NullMarked;
