@NullMarked
package com.mcpist.drill;

import org.jspecify.annotations.NullMarked;
