/** The folder of a pair: its paths, its lock, its permissions. */
@NullMarked
package com.mcpist.pair.data;

import org.jspecify.annotations.NullMarked;
