/** Messages as MCP has them on the wire. */
@NullMarked
package com.mcpist.origin.mcp.wire;

import org.jspecify.annotations.NullMarked;
