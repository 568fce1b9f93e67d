@NullMarked
package com.mcpist.deploy.platform;

import org.jspecify.annotations.NullMarked;
