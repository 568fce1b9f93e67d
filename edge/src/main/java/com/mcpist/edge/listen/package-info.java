/**
 * The socket that clients connect to, their connections, and the way in which the edge stops
 * listening.
 */
@NullMarked
package com.mcpist.edge.listen;

import org.jspecify.annotations.NullMarked;
