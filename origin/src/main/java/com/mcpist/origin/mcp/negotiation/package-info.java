/** Which revision of MCP a client speaks, and what the headers of a request must say. */
@NullMarked
package com.mcpist.origin.mcp.negotiation;

import org.jspecify.annotations.NullMarked;
