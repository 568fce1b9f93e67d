/** Machines on Fly.io, by the Machines interface. */
@NullMarked
package com.mcpist.deploy.platform.fly;

import org.jspecify.annotations.NullMarked;
