/** One origin, asked directly, past the edge: its health, and that it keeps strangers out. */
@NullMarked
package com.mcpist.deploy.originclient;

import org.jspecify.annotations.NullMarked;
