@NullMarked
package com.mcpist.edge.call;

import org.jspecify.annotations.NullMarked;
