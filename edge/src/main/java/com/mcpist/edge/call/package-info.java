/** One call, from its request's first byte to its response's last. */
@NullMarked
package com.mcpist.edge.call;

import org.jspecify.annotations.NullMarked;
