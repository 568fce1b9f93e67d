/** As much of JSON-RPC as an edge must read of what it forwards. Pure. */
@NullMarked
package com.mcpist.edge.proxy.rpc;

import org.jspecify.annotations.NullMarked;
