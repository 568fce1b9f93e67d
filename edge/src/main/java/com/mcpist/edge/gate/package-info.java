/** The checks of who may ask, by which name, in what form, and how much. */
@NullMarked
package com.mcpist.edge.gate;

import org.jspecify.annotations.NullMarked;
