/**
 * The status page: who may see it, how an origin is asked to render it, and its stream of changes.
 */
@NullMarked
package com.mcpist.edge.status;

import org.jspecify.annotations.NullMarked;
