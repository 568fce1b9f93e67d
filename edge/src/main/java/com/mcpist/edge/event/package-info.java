/**
 * What happens to the pair, as far as the edge sees it: failovers and drains, told to an origin,
 * which keeps them. docs/operations/events.md
 */
@NullMarked
package com.mcpist.edge.event;

import org.jspecify.annotations.NullMarked;
