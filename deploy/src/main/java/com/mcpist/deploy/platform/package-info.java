/**
 * What runs an origin in production, behind one small interface: {@link
 * com.mcpist.deploy.platform.Platform}.
 */
@NullMarked
package com.mcpist.deploy.platform;

import org.jspecify.annotations.NullMarked;
