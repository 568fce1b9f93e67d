@NullMarked
package com.mcpist.edge.pool;

import org.jspecify.annotations.NullMarked;
