@NullMarked
package com.mcpist.pair.platform;

import org.jspecify.annotations.NullMarked;
