/**
 * The events of the pair, as far as the edge sees them: failovers and drains. An origin is told of
 * them and keeps them. docs/operations/events.md
 */
@NullMarked
package com.mcpist.edge.event;

import org.jspecify.annotations.NullMarked;
