/** The edge, as its operator asks it and tells it. */
@NullMarked
package com.mcpist.deploy.edgeclient;

import org.jspecify.annotations.NullMarked;
