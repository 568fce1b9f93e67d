@NullMarked
package com.mcpist.edge;

import org.jspecify.annotations.NullMarked;
