@NullMarked
package com.mcpist.deploy.platform.fly;

import org.jspecify.annotations.NullMarked;
