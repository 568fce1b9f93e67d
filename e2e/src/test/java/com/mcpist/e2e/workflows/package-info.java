/** Deploying to the pair on this machine, for real: other builds of the origin, good and bad. */
@NullMarked
package com.mcpist.e2e.workflows;

import org.jspecify.annotations.NullMarked;
