/**
 * The game day. Faults go into whichever origin serves while clients call tools; what was lost or
 * done twice is then counted in the database, or by the mounted server, not by the clients.
 */
@NullMarked
package com.mcpist.drill;

import org.jspecify.annotations.NullMarked;
