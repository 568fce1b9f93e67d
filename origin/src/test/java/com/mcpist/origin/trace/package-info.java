@NullMarked
package com.mcpist.origin.trace;

import org.jspecify.annotations.NullMarked;
