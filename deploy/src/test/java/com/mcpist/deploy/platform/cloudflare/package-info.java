@NullMarked
package com.mcpist.deploy.platform.cloudflare;

import org.jspecify.annotations.NullMarked;
