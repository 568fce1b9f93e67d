/**
 * What a module is made of: tools, prompts and resources, and what their work is told and gives
 * back. A module knows this package and its own database tables, and nothing of HTTP, of MCP's wire
 * or of failover.
 */
@NullMarked
package com.mcpist.module;

import org.jspecify.annotations.NullMarked;
