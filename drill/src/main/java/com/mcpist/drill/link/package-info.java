/** A link between two processes that can be broken on command. */
@NullMarked
package com.mcpist.drill.link;

import org.jspecify.annotations.NullMarked;
