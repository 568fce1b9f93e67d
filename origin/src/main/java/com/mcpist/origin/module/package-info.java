/**
 * What a module is made of: tools, and what a tool is told and gives back. A module knows this
 * package and its own database tables, and nothing of HTTP, of MCP's wire or of failover.
 */
@NullMarked
package com.mcpist.origin.module;

import org.jspecify.annotations.NullMarked;
