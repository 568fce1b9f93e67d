@NullMarked
package com.mcpist.edge.wire;

import org.jspecify.annotations.NullMarked;
