package com.mcpist.edge.pool;

import java.time.Instant;

/** The last thing that went wrong with an origin. */
public record LastFailure(Instant at, String reason) {}
