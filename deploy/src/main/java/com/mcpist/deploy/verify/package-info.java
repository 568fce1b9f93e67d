/** Whether a deployment does what it must, asked of the origins and of the edge. */
@NullMarked
package com.mcpist.deploy.verify;

import org.jspecify.annotations.NullMarked;
