/**
 * What OpenTelemetry is told of an attempt: the origin's part, its tool, statements, and what
 * mounted servers are asked. Where it is told nothing, none of its classes is loaded.
 */
@NullMarked
package com.mcpist.origin.trace;

import org.jspecify.annotations.NullMarked;
