@NullMarked
package com.mcpist.origin.mcp;

import org.jspecify.annotations.NullMarked;
