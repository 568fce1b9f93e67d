@NullMarked
package com.mcpist.origin.limits;

import org.jspecify.annotations.NullMarked;
