@NullMarked
package com.mcpist.deploy.release;

import org.jspecify.annotations.NullMarked;
