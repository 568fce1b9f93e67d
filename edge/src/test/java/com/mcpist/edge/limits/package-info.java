@NullMarked
package com.mcpist.edge.limits;

import org.jspecify.annotations.NullMarked;
