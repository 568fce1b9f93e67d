@NullMarked
package com.mcpist.deploy.platform.ssh;

import org.jspecify.annotations.NullMarked;
