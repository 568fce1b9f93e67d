@NullMarked
package com.mcpist.drill.link;

import org.jspecify.annotations.NullMarked;
