/** The socket that clients connect to, given by a supervisor or bound here, and who accepts. */
@NullMarked
package com.mcpist.edge.listen;

import org.jspecify.annotations.NullMarked;
