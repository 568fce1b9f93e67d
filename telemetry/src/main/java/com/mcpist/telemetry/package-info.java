/**
 * What both programs do to tell Prometheus and OpenTelemetry of themselves, and to tell other
 * programs of their machine nothing. What they tell is each one's own.
 */
@NullMarked
package com.mcpist.telemetry;

import org.jspecify.annotations.NullMarked;
