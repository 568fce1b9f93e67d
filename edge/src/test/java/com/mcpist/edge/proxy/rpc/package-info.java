@NullMarked
package com.mcpist.edge.proxy.rpc;

import org.jspecify.annotations.NullMarked;
