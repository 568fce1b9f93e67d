@NullMarked
package com.mcpist.origin.memory;

import org.jspecify.annotations.NullMarked;
