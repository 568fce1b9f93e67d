/** What each method of MCP does. */
@NullMarked
package com.mcpist.origin.mcp.methods;

import org.jspecify.annotations.NullMarked;
