/**
 * Offers the tools, prompts and resources of other MCP servers, as modules. What they list is kept
 * in the database, so that all origins offer the same. docs/operations/mounts.md
 */
@NullMarked
package com.mcpist.origin.mount;

import org.jspecify.annotations.NullMarked;
