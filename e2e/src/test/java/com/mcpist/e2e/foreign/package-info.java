/** Servers of other makers behind the edge. */
@NullMarked
package com.mcpist.e2e.foreign;

import org.jspecify.annotations.NullMarked;
