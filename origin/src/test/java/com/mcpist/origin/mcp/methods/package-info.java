@NullMarked
package com.mcpist.origin.mcp.methods;

import org.jspecify.annotations.NullMarked;
