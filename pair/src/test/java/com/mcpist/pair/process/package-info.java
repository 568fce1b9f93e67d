@NullMarked
package com.mcpist.pair.process;

import org.jspecify.annotations.NullMarked;
