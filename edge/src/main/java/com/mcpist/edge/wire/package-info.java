/**
 * The parts of messages that an edge reads and writes: headers, JSON-RPC as much as it must,
 * events. Nothing here has state outside its objects.
 */
@NullMarked
package com.mcpist.edge.wire;

import org.jspecify.annotations.NullMarked;
