package com.mcpist.edge.call;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an edge says of its calls.
 *
 * @param quarantined the newest first
 * @param clockSkewMillis by how much its machine's clock is ahead of the database's; null: unknown
 */
public record CallStatus(
    CallCounts calls, List<Quarantine.Entry> quarantined, @Nullable Long clockSkewMillis) {}
