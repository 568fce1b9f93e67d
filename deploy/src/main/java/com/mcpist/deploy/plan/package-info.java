/** From what is wanted and what runs to what is done in which order. Pure. */
@NullMarked
package com.mcpist.deploy.plan;

import org.jspecify.annotations.NullMarked;
