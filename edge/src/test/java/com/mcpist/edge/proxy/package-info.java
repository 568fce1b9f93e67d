@NullMarked
package com.mcpist.edge.proxy;

import org.jspecify.annotations.NullMarked;
