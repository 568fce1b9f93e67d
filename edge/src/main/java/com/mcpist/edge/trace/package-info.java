/**
 * The reports of calls to OpenTelemetry: the edge's part of a call, and each attempt. If nothing is
 * to be reported, none of OpenTelemetry's classes is loaded.
 */
@NullMarked
package com.mcpist.edge.trace;

import org.jspecify.annotations.NullMarked;
