/**
 * What must not be noticed by a client: processes that die and hang, networks that swallow packets
 * and reset connections, a database that goes away. Two origins and an edge run as they ship; where
 * a test needs a tool that the product does not have, the origin is {@link
 * com.mcpist.e2e.faults.FaultOrigin}.
 */
@NullMarked
package com.mcpist.e2e.faults;

import org.jspecify.annotations.NullMarked;
