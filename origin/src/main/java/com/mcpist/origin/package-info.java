@NullMarked
package com.mcpist.origin;

import org.jspecify.annotations.NullMarked;
