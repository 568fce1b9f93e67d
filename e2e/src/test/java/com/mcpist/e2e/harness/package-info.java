/** Runs MCPist as a person would, from outside: its commands, its processes, its wire. */
@NullMarked
package com.mcpist.e2e.harness;

import org.jspecify.annotations.NullMarked;
