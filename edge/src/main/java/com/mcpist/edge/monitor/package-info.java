@NullMarked
package com.mcpist.edge.monitor;

import org.jspecify.annotations.NullMarked;
