/** What runs an origin in production, behind {@link com.mcpist.deploy.platform.Platform}. */
@NullMarked
package com.mcpist.deploy.platform;

import org.jspecify.annotations.NullMarked;
