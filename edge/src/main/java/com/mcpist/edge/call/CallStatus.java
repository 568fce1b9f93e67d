package com.mcpist.edge.call;

import java.util.List;

/** What an edge says of its calls; {@code quarantined}: the newest first. */
public record CallStatus(CallCounts calls, List<Quarantine.Entry> quarantined) {}
