@NullMarked
package com.mcpist.edge.status;

import org.jspecify.annotations.NullMarked;
