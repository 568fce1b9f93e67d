/** Servers that others wrote, mounted in the origins. */
@NullMarked
package com.mcpist.e2e.mount;

import org.jspecify.annotations.NullMarked;
