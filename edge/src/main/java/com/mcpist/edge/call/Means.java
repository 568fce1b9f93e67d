package com.mcpist.edge.call;

import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.time.MonotonicClock;
import com.mcpist.edge.time.TimeLimits;
import com.mcpist.edge.trace.Traces;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.function.Supplier;

/** The objects that the calls of one event loop work with. */
record Means(
    Vertx vertx,
    Context loop,
    ProxyConfig config,
    TimeLimits time,
    Origins origins,
    Upstream upstream,
    Supplier<String> gatewaySecret,
    ToolCatalog catalog,
    CallMetrics metrics,
    MonotonicClock clock,
    Quarantine quarantine,
    Traces traces,
    Sessions sessions) {}
