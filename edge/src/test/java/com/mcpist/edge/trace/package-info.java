@NullMarked
package com.mcpist.edge.trace;

import org.jspecify.annotations.NullMarked;
