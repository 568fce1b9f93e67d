/** How much one address and one user may call. */
@NullMarked
package com.mcpist.edge.limits;

import org.jspecify.annotations.NullMarked;
