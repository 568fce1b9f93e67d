@NullMarked
package com.mcpist.edge.event;

import org.jspecify.annotations.NullMarked;
