@NullMarked
package com.mcpist.edge.proxy.sse;

import org.jspecify.annotations.NullMarked;
