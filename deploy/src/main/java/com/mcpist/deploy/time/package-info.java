/** Waiting that a test can do without waiting: the time it is, sleeping, and how long is left. */
@NullMarked
package com.mcpist.deploy.time;

import org.jspecify.annotations.NullMarked;
