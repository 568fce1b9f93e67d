/** Server-sent events, read as their bytes come. Pure. */
@NullMarked
package com.mcpist.edge.proxy.sse;

import org.jspecify.annotations.NullMarked;
