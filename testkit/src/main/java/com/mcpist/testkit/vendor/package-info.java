/**
 * Stand-ins for the vendors that no test can reach, on real sockets: each is a small machine with
 * the vendor's states, checks every request by the vendor's published schema, and fails on command.
 */
@NullMarked
package com.mcpist.testkit.vendor;

import org.jspecify.annotations.NullMarked;
