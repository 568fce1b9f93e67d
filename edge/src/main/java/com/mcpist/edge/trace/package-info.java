/**
 * What OpenTelemetry is told of a call: the edge's part, and each attempt. Where it is told
 * nothing, none of its classes is loaded.
 */
@NullMarked
package com.mcpist.edge.trace;

import org.jspecify.annotations.NullMarked;
