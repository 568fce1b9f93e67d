@NullMarked
package com.mcpist.deploy.time;

import org.jspecify.annotations.NullMarked;
