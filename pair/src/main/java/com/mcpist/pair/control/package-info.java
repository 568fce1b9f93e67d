/** How the command line speaks to a running supervisor. */
@NullMarked
package com.mcpist.pair.control;

import org.jspecify.annotations.NullMarked;
