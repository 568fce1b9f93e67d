@NullMarked
package com.mcpist.origin.mcp.negotiation;

import org.jspecify.annotations.NullMarked;
