/**
 * The supervisor of a pair: starts its programs, keeps them running, and puts one release after the
 * other in place of the one before, over two origins.
 */
@NullMarked
package com.mcpist.pair.supervisor;

import org.jspecify.annotations.NullMarked;
