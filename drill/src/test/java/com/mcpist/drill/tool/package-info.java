@NullMarked
package com.mcpist.drill.tool;

import org.jspecify.annotations.NullMarked;
