/**
 * What both programs do to tell Prometheus and OpenTelemetry of themselves. What they tell is each
 * one's own.
 */
@NullMarked
package com.mcpist.telemetry;

import org.jspecify.annotations.NullMarked;
