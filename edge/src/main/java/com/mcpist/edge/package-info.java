/** The edge as a program: its settings, and what is started and stopped with it. */
@NullMarked
package com.mcpist.edge;

import org.jspecify.annotations.NullMarked;
