@NullMarked
package com.mcpist.edge.gate;

import org.jspecify.annotations.NullMarked;
