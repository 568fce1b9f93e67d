/** What measurements need of the memory beside its tools. */
@NullMarked
package com.mcpist.origin.memory;

import org.jspecify.annotations.NullMarked;
