@NullMarked
package com.mcpist.pair;

import org.jspecify.annotations.NullMarked;
