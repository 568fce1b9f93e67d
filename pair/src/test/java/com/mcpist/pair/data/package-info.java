@NullMarked
package com.mcpist.pair.data;

import org.jspecify.annotations.NullMarked;
