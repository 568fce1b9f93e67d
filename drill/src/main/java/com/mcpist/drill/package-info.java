/**
 * The game day. Faults go into whichever origin serves while clients call a tool that writes; what
 * was lost or done twice is then counted in the database, not by the clients.
 */
@NullMarked
package com.mcpist.drill;

import org.jspecify.annotations.NullMarked;
