/** The status page, in a browser. */
@NullMarked
package com.mcpist.e2e.status;

import org.jspecify.annotations.NullMarked;
