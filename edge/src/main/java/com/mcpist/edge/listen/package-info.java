/** The socket that clients connect to, their connections, and how the edge stops to listen. */
@NullMarked
package com.mcpist.edge.listen;

import org.jspecify.annotations.NullMarked;
