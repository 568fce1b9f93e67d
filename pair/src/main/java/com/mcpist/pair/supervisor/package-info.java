/** The supervisor of a pair: keeps its programs running, and replaces one release by another. */
@NullMarked
package com.mcpist.pair.supervisor;

import org.jspecify.annotations.NullMarked;
